/** What is converted: a model as it computes in floats, and its graph before it was made quick for them. */
import { simplify } from '../compiler/simplify';
import type { Template } from '../compiler/template';
import { unfuse } from '../compiler/unfuse';
import { freeze, type InputTypes } from '../models/compile-for-inference';
import { InferenceModel } from '../models/inference';
import type { Model } from '../models/model';
import type { Session } from '../models/session';
import { convertiblePasses, rewriteTemplate } from './rewrite-template';

interface Source {
  readonly float: InferenceModel;
  readonly template: Template;
}

/** Opens a session, or what was compiled from one; `model` takes the place of the session's own. */
export async function openSource(
  where: string,
  source: Session | InferenceModel,
  input: InputTypes,
  model?: Model,
): Promise<Source> {
  if (source instanceof InferenceModel) {
    return { float: source, template: await rewriteTemplate(source.frozen.template, [unfuse, simplify]) };
  }
  const how = { where, batch: 'any', model } as const;
  const { frozen } = await freeze(source, input, how);
  const { frozen: convertible } = await freeze(source, input, { ...how, passes: convertiblePasses });
  return { float: new InferenceModel(frozen), template: convertible.template };
}
