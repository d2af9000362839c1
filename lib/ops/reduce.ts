/** Folds of axes: sum, max, min, prod, and what is spelled with them. */
import { defineOp, expectDType, resolveAxis } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, showShape, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, broadcastTo, cast, div, equal, exp, isFinite, log, mul, square, sub, where } from './elementwise';
import { reshape, stopGradient } from './shape';

/** Which axes are folded, negative ones counted from the back; default all. `keepDims` keeps them as size 1. */
export type ReduceOptions = { axes?: number | readonly number[]; keepDims?: boolean };

/** Gradient of x, from the upstream gradient `g`, the input and the result; g and y keep the folded axes as 1. */
type Rule = (g: Value, x: Value, y: Value, axes: readonly number[]) => Value;

const foldedShape = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

function resolveAxes(where: string, x: Value, axes: ReduceOptions['axes']): number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  const resolved = [axes].flat().map((axis) => resolveAxis(where, axis, x.shape.length));
  return [...new Set(resolved)].sort((a, b) => a - b);
}

/** Defines a fold. Without a neutral element it refuses to fold an axis of size 0. */
function reduction(name: string, hasNeutral: boolean, rule: Rule) {
  const apply = defineOp<{ axes: readonly number[] }>({
    name,
    kind: 'reduction',
    infer: ([x], { axes }) => {
      const { shape } = x as Value;
      expect(hasNeutral || axes.every((axis) => (shape[axis] as number) > 0), 'SHAPE', () => ({
        where: name,
        what: 'every folded axis',
        expected: 'of at least one element',
        actual: showShape(shape),
      }));
      return { dtype: 'float32', shape: foldedShape(shape, axes) };
    },
    gradient: ({ inputs: [x], outputs: [y], attributes: { axes } }, [g]) => [
      g ? rule(g, x as Value, y as Value, axes) : null,
    ],
  });
  return (x: Value, options: ReduceOptions = {}): Value =>
    reduceWith(name, x, options, (axes) => (axes.length ? (apply([x], { axes }).outputs[0] as Value) : x));
}

/** Resolves the options of `name`, folds with `body` (which keeps folded axes) and drops the axes if asked to. */
function reduceWith(name: string, x: Value, options: ReduceOptions, body: (axes: number[]) => Value): Value {
  expectOptions(name, options, ['axes', 'keepDims']);
  expectDType(name, 'the input', x, 'float32');
  const axes = resolveAxes(name, x, options.axes);
  const folded = body(axes);
  return options.keepDims
    ? folded
    : reshape(
        folded,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

/** dx = g where x is the extreme, shared equally among ties. */
const extremeRule: Rule = (g, x, y, axes) => {
  const hit = cast(equal(x, y), 'float32');
  return mul(hit, div(g, sum(hit, { axes, keepDims: true })));
};

/** The sum over axes. */
export const sum = reduction('sum', true, (g, x) => broadcastTo(g, x.shape));
/** The largest element over axes; NaN wins. Its gradient is shared equally among ties. */
export const max = reduction('max', false, extremeRule);
/** The smallest element over axes; NaN wins. Its gradient is shared equally among ties. */
export const min = reduction('min', false, extremeRule);
/**
 * The product over axes. dx_i = g * product of the others, also where a factor is 0; second derivatives are exact
 * where no factor is 0.
 */
export const prod = reduction('prod', true, (g, x, y, axes) => {
  const isZero = equal(x, 0);
  const zeros = sum(cast(isZero, 'float32'), { axes, keepDims: true });
  const others = prod(where(isZero, 1, x), { axes, keepDims: true });
  const whole = div(y, where(isZero, 1, x));
  return mul(g, where(isZero, where(equal(zeros, 1), others, 0), whole));
});

/** The arithmetic mean over axes. */
export const mean = (x: Value, options: ReduceOptions = {}): Value =>
  reduceWith('mean', x, options, (axes) => {
    const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
    expect(count > 0, 'SHAPE', () => ({
      where: 'mean',
      what: 'every folded axis',
      expected: 'of at least one element',
      actual: showShape(x.shape),
    }));
    return div(sum(x, { axes, keepDims: true }), count); // a whole number is exact in float32, its reciprocal is not
  });

/** The biased variance over axes: the mean squared distance from the mean. */
export const variance = (x: Value, options: ReduceOptions = {}): Value =>
  reduceWith('variance', x, options, (axes) => {
    const centre = mean(x, { axes, keepDims: true });
    return mean(square(sub(x, centre)), { axes, keepDims: true });
  });

/** log(sum(e^x)) over axes, stable for large x: m + log(sum(e^(x - m))) with m the maximum. */
export const logSumExp = (x: Value, options: ReduceOptions = {}): Value =>
  reduceWith('logSumExp', x, options, (axes) => {
    const largest = stopGradient(max(x, { axes, keepDims: true }));
    const shift = where(isFinite(largest), largest, 0);
    return add(shift, log(sum(exp(sub(x, shift)), { axes, keepDims: true })));
  });
