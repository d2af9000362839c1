/** Replaces states, and all work on states and constants alone, by the numbers that they come to. */
import type { Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { hasBatch, instantiate, type Reference, type Template, type TemplateNode, valueAt } from './template';

/** Computes values; called once with everything that is asked for. */
export type ComputeValues = (values: Readonly<Record<string, Value>>) => Promise<Readonly<Record<string, Tensor>>>;

const keyOf = ([node, output]: Reference): string => `${node}.${output}`;

/** Nodes that need no feed and are the same for every batch size, by position. */
function fixedNodes(nodes: readonly TemplateNode[]): boolean[] {
  const fixed: boolean[] = [];
  for (const { op, inputs, attributes } of nodes) {
    fixed.push(op !== 'feed' && !hasBatch(attributes) && inputs.every(([node]) => fixed[node]));
  }
  return fixed;
}

/** Drops the nodes that no output needs. */
export function pruned({ nodes, outputs }: Template): Template {
  const needed = new Set(Object.values(outputs).map(([node]) => node));
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (needed.has(i)) for (const [node] of (nodes[i] as TemplateNode).inputs) needed.add(node);
  }
  const kept = nodes.flatMap((_, i) => (needed.has(i) ? [i] : []));
  const place = new Map(kept.map((old, i) => [old, i]));
  const moved = ([node, output]: Reference): Reference => [place.get(node) as number, output];
  return {
    nodes: kept.map((i) => {
      const node = nodes[i] as TemplateNode;
      return { ...node, inputs: node.inputs.map(moved) };
    }),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, reference]) => [name, moved(reference)])),
  };
}

/**
 * The template with constants in place of everything that does not depend on a feed.
 *
 * @param compute gives the numbers of states and of what is made of them
 */
export async function foldConstants(template: Template, compute: ComputeValues): Promise<Template> {
  const { nodes, outputs } = template;
  const fixed = fixedNodes(nodes);
  const read = [...nodes.flatMap(({ inputs }, i) => (fixed[i] ? [] : inputs)), ...Object.values(outputs)];
  const wanted = new Map(
    read
      .filter(([node]) => fixed[node] && nodes[node]?.op !== 'constant')
      .map((reference) => [keyOf(reference), reference]),
  );
  if (wanted.size === 0) return pruned(template);
  const values = instantiate(template, 1);
  const tensors = await compute(
    Object.fromEntries([...wanted].map(([key, reference]) => [key, valueAt(values, reference)])),
  );
  // Every node stands behind the constants that replace its outputs; unused ones are dropped afterwards.
  const folded: TemplateNode[] = [];
  const placeOf = new Map<string, Reference>();
  nodes.forEach((node, i) => {
    const inputs = node.inputs.map((reference) => placeOf.get(keyOf(reference)) as Reference);
    const place = folded.push({ ...node, inputs }) - 1;
    (values[i] as readonly Value[]).forEach((_, output) => {
      const tensor = tensors[keyOf([i, output])];
      const at = tensor ? folded.push({ op: 'constant', inputs: [], attributes: {}, tensor }) - 1 : place;
      placeOf.set(keyOf([i, output]), [at, tensor ? 0 : output]);
    });
  });
  const moved = Object.entries(outputs).map(([name, reference]) => [name, placeOf.get(keyOf(reference))]);
  return pruned({ nodes: folded, outputs: Object.fromEntries(moved) });
}
