/** The plan: a compiled program as plain data, and its encoding for the native core. */
import {
  bytesPerElement,
  type DType,
  dtypes,
  type Shape,
  type Tensor,
  type TensorType,
  type TypedArray,
} from '../graph/tensor';

/** Where a buffer stands; the order is the native core's. */
export const regions = ['arena', 'state', 'feed', 'fetch', 'constant'] as const;
export type Region = (typeof regions)[number];

/** How a buffer moves through a loop. */
export interface PlanMove {
  /** Index into the plan's loops. */
  readonly loop: number;
  /** Bytes per turn. */
  readonly stride: number;
}

/** Where something stands, in the first turn of all loops. */
export interface Location {
  readonly region: Region;
  /** Byte offset for arena and constant; index into the plan's states, feeds or fetches for the rest. */
  readonly location: number;
  /** Bytes from there. */
  readonly offset: number;
  readonly moves: readonly PlanMove[];
}

export interface PlanBuffer extends TensorType, Location {}

/** Steps that run `count` times; loops stand in the order of their first steps, outer ones first. */
export interface PlanLoop {
  readonly begin: number;
  readonly end: number;
  readonly count: number;
}

export interface PlanStep {
  readonly kernel: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly attributes: readonly number[];
  readonly label: string;
  /** True for a fused group that runs behind the step before it, range by range, where the native core can do that. */
  readonly isTail: boolean;
}

export interface NamedType extends TensorType {
  readonly name: string;
}

export interface Plan {
  readonly arenaBytes: number;
  readonly states: readonly NamedType[];
  readonly feeds: readonly NamedType[];
  readonly fetches: readonly NamedType[];
  readonly constants: Uint8Array;
  readonly buffers: readonly PlanBuffer[];
  readonly steps: readonly PlanStep[];
  readonly loops: readonly PlanLoop[];
  readonly firstWrite: number;
}

const version = 3;

/** The plan as the numbers, names and bytes that the native core decodes. */
export interface EncodedPlan {
  readonly words: Float64Array;
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly constants: Uint8Array;
}

/**
 * Encodes a plan.
 *
 * @param slotOf the store's slot of each state path
 */
export function encodePlan(plan: Plan, slotOf: (state: NamedType) => number): EncodedPlan {
  const names = [...new Set(plan.steps.map((step) => step.kernel))];
  const list = (numbers: readonly number[]) => [numbers.length, ...numbers];
  const words: number[] = [version, plan.arenaBytes, plan.constants.length];
  words.push(plan.states.length, plan.feeds.length, plan.fetches.length, plan.buffers.length, plan.steps.length);
  words.push(plan.loops.length, plan.firstWrite, ...plan.states.map(slotOf));
  for (const { region, location, offset, moves, dtype, shape } of plan.buffers) {
    words.push(regions.indexOf(region), location, offset, dtypes.indexOf(dtype), ...list(shape));
    words.push(moves.length, ...moves.flatMap(({ loop, stride }) => [loop, stride]));
  }
  for (const { kernel, inputs, outputs, attributes, isTail } of plan.steps) {
    words.push(names.indexOf(kernel), ...list(inputs), ...list(outputs), ...list(attributes), Number(isTail));
  }
  for (const { begin, end, count } of plan.loops) words.push(begin, end, count);
  return {
    words: Float64Array.from(words),
    names,
    labels: plan.steps.map((step) => step.label),
    constants: plan.constants,
  };
}

/** Gathers constants into one block of bytes, each at an aligned offset, equal ones once. */
export class ConstantPool {
  private readonly parts: { offset: number; data: TypedArray }[] = [];
  private readonly offsets = new Map<TypedArray, number>();
  private size = 0;

  offsetOf({ data, dtype }: Tensor): number {
    const known = this.offsets.get(data);
    if (known !== undefined) return known;
    const offset = this.size;
    this.parts.push({ offset, data });
    this.offsets.set(data, offset);
    this.size = Math.ceil((offset + data.length * bytesPerElement[dtype as DType]) / 64) * 64;
    return offset;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    for (const { offset, data } of this.parts)
      all.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    return all;
  }
}

/** Numbers the buffers of a plan: equal region, place and type are one buffer. */
export class BufferTable {
  readonly buffers: PlanBuffer[] = [];
  private readonly numberOf = new Map<string, number>();

  add({ region, location, offset, moves }: Location, dtype: DType, shape: Shape): number {
    const way = moves.map(({ loop, stride }) => `${loop}:${stride}`).join();
    const key = `${region} ${location} ${offset} ${way} ${dtype} ${shape.join()}`;
    const known = this.numberOf.get(key);
    if (known !== undefined) return known;
    this.numberOf.set(key, this.buffers.length);
    return this.buffers.push({ region, location, offset, moves, dtype, shape }) - 1;
  }
}
