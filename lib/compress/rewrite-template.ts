/** Rewrites of a frozen graph: made at two batch sizes, so that the result is a graph for any again. */
import { foldConstants } from '../compiler/fold-constants';
import { instantiate, makeTemplate, type Template, valueAt } from '../compiler/template';
import type { Value } from '../graph/value';
import { compute } from '../models/compute';
import { type Pass, rewritten, samples } from '../models/compile-for-inference';

/** The named outputs of a template at one batch size. */
export function outputsAt(template: Template, batch: number): Record<string, Value> {
  const values = instantiate(template, batch);
  return Object.fromEntries(Object.entries(template.outputs).map(([name, at]) => [name, valueAt(values, at)]));
}

/** The template behind `passes`, with everything that became constant computed. */
export async function rewriteTemplate(template: Template, passes: readonly Pass[]): Promise<Template> {
  const [first, second] = samples.map((batch) => ({ batch, outputs: rewritten(outputsAt(template, batch), passes) }));
  return foldConstants(makeTemplate(first as NonNullable<typeof first>, second as NonNullable<typeof second>), async (values) => {
    const names = Object.keys(values);
    const tensors = await compute(Object.values(values));
    return Object.fromEntries(names.map((name, i) => [name, tensors[i] as NonNullable<(typeof tensors)[0]>]));
  });
}
