/** Softmax and its logarithm: rows of scores as probabilities. */
import { type ApplyOp, defineOp, expectDType, resolveAxis } from '../graph/define-op';
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { div, exp, log, mul, sub } from './elementwise';
import { max, sum } from './reduce';
import { transpose } from './transpose';

const lastAxis = { axes: [-1], keepDims: true };

/** Defines a kernel op of the last axis: its gradient from `g` and the result `y`, and the same in other ops. */
function rowOp(
  name: string,
  gradient: (g: Value, y: Value) => Value,
  define: (x: Value) => Value,
): (x: Value, options?: { axis?: number }) => Value {
  const apply: ApplyOp<Record<string, never>> = defineOp<Record<string, never>>({
    name,
    kind: 'kernel',
    infer: ([x]) => {
      expectDType(name, 'the input', x as Value, 'float32');
      return x as Value;
    },
    gradient: ({ outputs: [y] }, [g]) => [g ? gradient(g, y as Value) : null],
    encode: () => [],
    define: ([x]) => define(x as Value),
    inPlace: [0],
  });
  const applyLast = (x: Value): Value => apply([x], {}).outputs[0] as Value;
  return (x, options = {}) => {
    expectOptions(name, options, ['axis']);
    const last = x.shape.length - 1;
    const axis = resolveAxis(name, options.axis ?? -1, x.shape.length);
    if (axis === last) return applyLast(x);
    const swapped = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
    return transpose(applyLast(transpose(x, swapped)), swapped);
  };
}

/** y = e^(x - max) / sum(e^(x - max)) along `axis` (default the last); dx = y * (g - sum(g * y)). */
export const softmax = rowOp(
  'softmax',
  (g, y) => mul(y, sub(g, sum(mul(g, y), lastAxis))),
  (x) => {
    const powers = exp(sub(x, max(x, lastAxis)));
    return div(powers, sum(powers, lastAxis));
  },
);

/** y = x - max - log(sum(e^(x - max))) along `axis` (default the last); dx = g - e^y * sum(g). */
export const logSoftmax = rowOp(
  'logSoftmax',
  (g, y) => sub(g, mul(exp(y), sum(g, lastAxis))),
  (x) => {
    const shifted = sub(x, max(x, lastAxis));
    return sub(shifted, log(sum(exp(shifted), lastAxis)));
  },
);
