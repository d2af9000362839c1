/**
 * Moves the steps that write states between those that make gradients: every parameter is updated as soon as its gradient is
 * known and nothing reads its old numbers any more, so that the memory of a gradient is free for the next one.
 */
import type { Value } from '../graph/value';
import type { Update } from './order';
import type { Ordered } from './rematerialize';
import { type Step, storageOf } from './step';

/** Indices of the steps that `values` need. */
function needed(steps: readonly Step[], values: readonly Value[]): Set<number> {
  const producerOf = new Map(steps.flatMap(({ outputs }, i) => outputs.map((output) => [output, i] as const)));
  const found = new Set<number>();
  const open = [...values];
  for (let value = open.pop(); value; value = open.pop()) {
    const producer = producerOf.get(storageOf(value));
    if (producer === undefined || found.has(producer)) continue;
    found.add(producer);
    open.push(...(steps[producer] as Step).inputs);
  }
  return found;
}

/**
 * The same steps in another order. What leaves the program is made before any state is written, and so are loops: a loss
 * that is not finite stops the step with all states as they were.
 *
 * @param direct updates whose step writes the state's memory
 */
export function updateEarly(
  { steps, firstWrite }: Ordered,
  direct: Iterable<Update>,
  fetched: readonly Value[],
): Ordered {
  const early = steps.slice(0, firstWrite);
  const wanted = needed(early, fetched);
  const inOrder = [...early.filter((_, i) => wanted.has(i)), ...early.filter((_, i) => !wanted.has(i))];
  const border = Math.max(
    wanted.size - 1,
    inOrder.findLastIndex((step) => step.loop),
  );

  const written = new Map([...direct].map(({ state, next }) => [next, state]));
  const madeAt = new Map(inOrder.flatMap(({ outputs }, i) => outputs.map((output) => [output, i] as const)));
  const lastReadAt = new Map<Value, number>();
  const noteReads = (step: Step, at: number) => {
    for (const storage of step.inputs.map(storageOf))
      lastReadAt.set(storage, Math.max(at, lastReadAt.get(storage) ?? -1));
  };
  inOrder.forEach(noteReads);

  const behind = new Map<number, Step[]>();
  for (const step of steps.slice(firstWrite)) {
    const states = step.outputs.flatMap((output) => written.get(output) ?? []);
    const at = Math.max(
      border,
      ...step.inputs.map((input) => madeAt.get(storageOf(input)) ?? -1),
      ...states.map((state) => lastReadAt.get(state) ?? -1),
    );
    behind.set(at, [...(behind.get(at) ?? []), step]);
    for (const output of step.outputs) madeAt.set(output, at);
    noteReads(step, at);
  }
  const first = Math.min(inOrder.length, ...behind.keys());
  return {
    steps: [...(behind.get(-1) ?? []), ...inOrder.flatMap((step, i) => [step, ...(behind.get(i) ?? [])])],
    firstWrite: behind.size ? first + 1 : inOrder.length,
  };
}
