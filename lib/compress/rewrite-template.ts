/** Rewrites of a frozen graph: made at two batch sizes, so that the result is a graph for any again. */
import { foldConstants } from '../compiler/fold-constants';
import { simplify } from '../compiler/simplify';
import { instantiate, makeTemplate, type Sample, type Template, valueAt } from '../compiler/template';
import { unfuse } from '../compiler/unfuse';
import type { Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { foldingPasses, type Pass, rewritten, samples } from '../models/compile-for-inference';
import { compute } from '../models/compute';

/** What a graph is brought to before it is converted. */
export const convertiblePasses: readonly Pass[] = [...foldingPasses, unfuse, simplify];

/** The named outputs of a template at one batch size. */
export function outputsAt(template: Template, batch: number): Record<string, Value> {
  const values = instantiate(template, batch);
  return Object.fromEntries(Object.entries(template.outputs).map(([name, at]) => [name, valueAt(values, at)]));
}

/** The template behind `passes`, with everything that became constant computed. */
export async function rewriteTemplate(template: Template, passes: readonly Pass[]): Promise<Template> {
  const [first, second] = samples.map((batch) => ({ batch, outputs: rewritten(outputsAt(template, batch), passes) }));
  return foldConstants(makeTemplate(first as Sample, second as Sample), async (values) => {
    const tensors = await compute(Object.values(values));
    return Object.fromEntries(Object.keys(values).map((name, i) => [name, tensors[i] as Tensor]));
  });
}
