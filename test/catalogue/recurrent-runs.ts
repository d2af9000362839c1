/** Recurrent layers and cells with numbers of choice, in float64. */
import { isValue, type Value } from '../../lib/graph/value';
import type { Layer, RecurrentLayer, RunOptions } from '../../lib/layers';
import { add, broadcastTo, mul } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import type { Values } from '../../lib/ops/scan';
import { slice } from '../../lib/ops/slice';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, type Tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { EXACT, expectClose, type Tolerance } from '../closeness';
import { givenScope } from '../golden/given-scope';
import { noise } from '../golden/golden';
import { traced } from '../pure/tracing';

type Shape = readonly number[];

/** Numbers in [-1, 1), always the same for a seed. */
export function half(seed: number, shape: Shape): Tensor64 {
  const { data, ...type } = noise(seed, shape);
  return { ...type, data: data.map((number) => number / 2) };
}

/** The same as a constant of the program. */
export const drawn = (seed: number, ...shape: number[]): Value =>
  constant({ dtype: 'float32', shape, data: Float32Array.from(half(seed, shape).data) });

/** The shapes of a layer's parameters by path. */
export const shapesOf = (layer: Layer, input: Shape): Readonly<Record<string, Shape>> =>
  traced(layer, input, false).shapes;

export const parameterCount = (layer: Layer, features: number): number =>
  Object.values(shapesOf(layer, [1, 1, features])).reduce(
    (total, shape) => total + shape.reduce((a, b) => a * b, 1),
    0,
  );

/** Parameters of a layer, drawn by path. */
export const drawnParameters = (layer: Layer, input: Shape): Map<string, Value> =>
  new Map(Object.entries(shapesOf(layer, input)).map(([path, shape], i) => [path, drawn(20 + i, ...shape)]));

/** Everything that a run gives, in one list. */
export const leaves = (values: Values | readonly Values[]): Value[] =>
  isValue(values) ? [values] : (Object.values(values) as Values[]).flatMap(leaves);

/** A number that depends on every element of every value. */
export const weighed = (values: readonly Value[]): Value =>
  values.map((value, i) => sum(mul(value, drawn(90 + i, ...value.shape)))).reduce(add);

/** The error of the gradients with respect to `shapes`, against numeric differences. */
export function numericError(shapes: Readonly<Record<string, Shape>>, loss: (...values: Value[]) => Value): number {
  const feeds = Object.entries(shapes).map(([name, shape]) => feed(name, shape));
  const numbers = new Map(Object.entries(shapes).map(([name, shape], i) => [name, half(40 + i, shape)]));
  return gradientError(loss(...feeds), feeds, numbers);
}

/** The same of a layer: with respect to x and all parameters, of outputs and last states. */
export function layerError<S extends Values>(
  layer: RecurrentLayer<S>,
  input: Shape,
  options: RunOptions<S> = {},
): number {
  const shapes = shapesOf(layer, input);
  return numericError({ x: input, ...shapes }, (x, ...parameters) => {
    const given = new Map(Object.keys(shapes).map((path, i) => [path, parameters[i] as Value]));
    const { output, state } = layer.run(x as Value, givenScope(given), options);
    return weighed([output, ...leaves(state)]);
  });
}

/** What a gradient may differ from finite differences by. */
export const numeric = 1e-6;
export const row = (...values: number[]): Value => constant([values]);
export const alike = (count: number, value: number): Value => broadcastTo(constant(value), [1, count]);
export const runOf = <S>(cell: (state: S, x: Value) => { state: S }, state: S, x: Value): S => cell(state, x).state;
/** The sequence from its last step to its first. */
export const backward = (x: Value): Value =>
  slice(x, {
    begin: x.shape.map((_, i) => (i === 1 ? -1 : 0)),
    size: x.shape.map(() => -1),
    step: x.shape.map((_, i) => (i === 1 ? -1 : 1)),
  });

export function expectEqual(actual: readonly Value[], expected: readonly Value[], tolerance: Tolerance = EXACT): void {
  const found = evaluate([...actual, ...expected]);
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expectClose(found[i] as never, found[i + actual.length] as never, tolerance);
}
