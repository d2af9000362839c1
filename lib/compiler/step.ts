/** A step: one kernel call of the compiled program, or a loop of them, before memory is planned. */
import type { Shape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';

/** Where a value of a loop's body stands: in an input of the loop, by position, or in another value outside. */
export interface BodyPlace {
  readonly base: number | Value;
  /** Bytes from its beginning, in the first turn. */
  readonly offset: number;
  /** Bytes per turn. */
  readonly stride: number;
}

/** What a loop repeats. */
export interface Loop {
  readonly count: number;
  readonly steps: readonly Step[];
  /** The placeholders of the states, whose first numbers are the loop's first inputs. */
  readonly states: readonly Value[];
  /** The place of a storage of the body; undefined for constants. */
  placeOf(storage: Value): BodyPlace | undefined;
}

/** A value that is a part of another one's memory. */
export interface Alias {
  readonly owner: Value;
  readonly offset: number;
}

export interface Step {
  /** Name of the native kernel. */
  readonly kernel: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: readonly number[];
  /** What people read in `explain()`, profiles and errors. */
  readonly label: string;
  /** Nodes that this step computes. */
  readonly members: readonly Node[];
  /** Pairs (output, input) that may share memory: the input is read before the same position of the output is written. */
  readonly inPlace: readonly (readonly [output: number, input: number])[];
  /** The shape that a fused group walks over. */
  readonly walks?: Shape;
  /** A kernel and the group that follows its output range by range. They run together, so that they are one step. */
  readonly parts?: readonly [kernel: Step, tail: Step];
  /** The kernel's output and the tail's that stands in the same memory, since nothing else needs the former. */
  readonly shared?: readonly [output: Value, place: Value];
  /** Steps that run several times, in the place of a kernel. */
  readonly loop?: Loop;
  /** Outputs that are parts of other outputs. */
  readonly aliases?: ReadonlyMap<Value, Alias>;
}

/** The outputs of all steps that are parts of others. */
export const aliasesOf = (steps: readonly Step[]): Map<Value, Alias> =>
  new Map(steps.flatMap(({ aliases }) => [...(aliases ?? [])]));

/** The value whose memory a value uses: views look through to what they view. */
export function storageOf(value: Value): Value {
  let storage = value;
  while (storage.node.op.kind === 'view') storage = storage.node.inputs[0] as Value;
  return storage;
}
