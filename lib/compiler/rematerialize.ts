/**
 * Trades a pass over memory for memory: a large value that a cheap pass made in the forward half and that is read again
 * in the backward half is made again there, where all that the pass reads is still at hand (Chen et al. 2016, without
 * the kernels).
 */
import { bytesOf } from '../graph/tensor';
import { makeNode, type Value } from '../graph/value';
import { type Step, storageOf } from './step';

/** Values from this size on, which no cache holds until they are read again. */
const large = 32 * 2 ** 20;
/** Operands below this share of the value cost nothing to keep. */
const smallShare = 1 / 16;
/** Steps between two readers that make the second a late one. */
const farApart = 16;

/** Steps in the order in which they run; those before `firstWrite` write no state. */
export interface Ordered {
  readonly steps: readonly Step[];
  readonly firstWrite: number;
}

/** The steps that read each storage, in order. */
function readersOf(steps: readonly Step[]): Map<Value, number[]> {
  const readers = new Map<Value, number[]>();
  steps.forEach((step, i) => {
    for (const storage of new Set(step.inputs.map(storageOf))) {
      const known = readers.get(storage);
      if (known) known.push(i);
      else readers.set(storage, [i]);
    }
  });
  return readers;
}

/** The same step with other inputs. */
function renamed(step: Step, from: Value, to: Value): Step {
  const inputs = step.inputs.map((input) => (input === from ? to : input));
  if (!step.parts) return { ...step, inputs };
  const [kernel, tail] = step.parts;
  return { ...step, inputs, parts: [renamed(kernel, from, to), renamed(tail, from, to)] };
}

/** A step that makes the output of `step` once more, as a value of its own. */
function repeated(step: Step): Step {
  const [output] = step.outputs as [Value];
  const { op, inputs, attributes, outputs, path } = output.node;
  const node = makeNode(op, inputs, attributes, outputs, path);
  return { ...step, outputs: [node.outputs[output.index] as Value], label: `${step.label.replace(/^\+ /, '')}, again` };
}

/**
 * Makes large values again where they are read late.
 *
 * @param isKept true for values that are needed after the last step, or stand outside of the arena
 */
export function rematerialize({ steps, firstWrite }: Ordered, isKept: (value: Value) => boolean): Ordered {
  const readers = readersOf(steps);
  const result: Step[] = [...steps];
  const before = new Map<number, Step[]>();
  const made = new Set<Value>();

  for (const step of steps) {
    const maker = step.parts?.[1] ?? step;
    const [output] = maker.outputs;
    if (maker.kernel !== 'elementwise' || maker.outputs.length !== 1 || !output || isKept(output)) continue;
    if (bytesOf(output) < large) continue;
    const uses = readers.get(output) ?? [];
    const late = uses.filter((use, n) => n > 0 && use - (uses[0] as number) > farApart);
    const last = late.at(-1);
    if (last === undefined || last >= firstWrite) continue;
    const isAtHand = (input: Value): boolean => {
      const storage = storageOf(input);
      if (made.has(storage)) return false;
      return bytesOf(storage) < bytesOf(output) * smallShare || (readers.get(storage)?.at(-1) ?? -1) >= last;
    };
    if (!maker.inputs.every(isAtHand) || !late.every((use) => (steps[use] as Step).inputs.includes(output))) continue;
    const again = repeated(maker);
    for (const use of late) result[use] = renamed(result[use] as Step, output, again.outputs[0] as Value);
    const first = late[0] as number;
    before.set(first, [...(before.get(first) ?? []), again]);
    made.add(output);
  }
  return {
    steps: result.flatMap((step, i) => [...(before.get(i) ?? []), step]),
    firstWrite: firstWrite + [...before.values()].reduce((count, list) => count + list.length, 0),
  };
}
