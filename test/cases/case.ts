/** The form of an op case: inputs by shape and kind of numbers, and the graph that is built over them. */
import { registry } from '../../lib/graph/define-op';
import { allocate, type DType, type Shape, sizeOf, type Tensor, type TensorType } from '../../lib/graph/tensor';
import { type Attributes, makeNode, type Value } from '../../lib/graph/value';
import { feed } from '../../lib/ops/source';

/**
 * Numbers of an input.
 * - `normal`: mean 0, variance 1.   `positive`: in [0.5, 2).   `unit`: in [0, 1).
 * - `distinct`: no two nearer than 0.0025 to each other, nor to 0; away from every kink.
 * - `special`: NaN, infinities, zeros, huge and tiny numbers, repeated.
 * - `{ below }`: whole numbers 0 ... below - 1.   A list: these numbers, repeated.
 */
export type Fill =
  | 'normal'
  | 'positive'
  | 'unit'
  | 'distinct'
  | 'special'
  | { readonly below: number }
  | readonly number[];

export interface InputSpec {
  readonly shape: Shape;
  /** Default `float32`. */
  readonly dtype?: DType;
  /** Default `normal` for floats, `{ below: 2 }` for the rest. */
  readonly values?: Fill;
}

export interface OpCase {
  readonly name: string;
  /** The op of the registry that the case exercises. */
  readonly op: string;
  readonly inputs: readonly InputSpec[];
  readonly build: (...inputs: Value[]) => Value | readonly Value[];
  /** Native against reference: |a - b| <= absolute + relative * |b|; default 1e-5 and 1e-4. */
  readonly tolerance?: { readonly absolute: number; readonly relative: number };
  /** True where float inputs stand away from kinks, so that the rules can be checked by finite differences. */
  readonly differentiable?: boolean;
}

export const special: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  1e-30,
  -1e-30,
  1e30,
  -1e30,
  20,
  -20,
  88,
  -88,
  104,
  -104,
  1e-7,
  -1e-7,
];

/** A small repeatable generator (mulberry32), so that a case has the same numbers in every run. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed that a name stands for. */
export const seedOf = (name: string): number =>
  [...name].reduce((hash, character) => Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193), 0x811c9dc5);

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function distinct(size: number, random: () => number): number[] {
  const spacing = Math.max(0.01, 4 / Math.max(size, 1));
  const numbers = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2) + 0.25) * spacing);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [numbers[i], numbers[j]] = [numbers[j] as number, numbers[i] as number];
  }
  return numbers;
}

function numbersOf(fill: Fill, size: number, random: () => number): number[] {
  const each = (next: (i: number) => number) => Array.from({ length: size }, (_, i) => next(i));
  if (fill === 'distinct') return distinct(size, random);
  if (fill === 'normal') return each(() => normal(random));
  if (fill === 'positive') return each(() => 0.5 + 1.5 * random());
  if (fill === 'unit') return each(random);
  if (typeof fill === 'object' && 'below' in fill) return each(() => Math.floor(random() * fill.below));
  const list = fill === 'special' ? special : fill;
  return each((i) => list[i % list.length] as number);
}

/** The numbers of input `position` of a case. */
export function tensorOf(spec: InputSpec, seed: number): Tensor {
  const { shape, dtype = 'float32', values = dtype === 'float32' ? 'normal' : { below: 2 } }: InputSpec = spec;
  const data = allocate(dtype, sizeOf(shape));
  data.set(numbersOf(values, data.length, generator(seed)));
  return { dtype, shape, data };
}

/** A case as a graph: its feeds, their numbers by name, and its outputs. */
export interface BuiltCase {
  readonly inputs: readonly Value[];
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Value[];
}

export function buildCase({ name, inputs: specs, build }: OpCase): BuiltCase {
  const tensors = Object.fromEntries(specs.map((spec, i) => [`x${i}`, tensorOf(spec, seedOf(name) + i)]));
  const inputs = Object.entries(tensors).map(([feedName, { shape, dtype }]) => feed(feedName, shape, dtype));
  return { inputs, tensors, outputs: [build(...inputs)].flat() as Value[] };
}

/** Applies an op by its name: for ops that only gradient rules use. */
export function applyByName(name: string, inputs: readonly Value[], attributes: object): readonly Value[] {
  const op = registry.get(name);
  if (!op) throw new Error(`cases: no op '${name}'`);
  const types = [op.infer(inputs, attributes as never)].flat() as TensorType[];
  return makeNode(op, inputs, attributes as Attributes, types).outputs;
}
