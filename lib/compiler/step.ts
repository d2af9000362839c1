/** A step: one kernel call of the compiled program, before memory is planned. */
import type { Shape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';

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
}

/** The value whose memory a value uses: views look through to what they view. */
export function storageOf(value: Value): Value {
  let storage = value;
  while (storage.node.op.kind === 'view') storage = storage.node.inputs[0] as Value;
  return storage;
}
