/** Recurrent networks: units around vector registers and panels, one step, both directions, lengths from 0 on. */
import { gradients } from '../../lib/compiler/differentiate';
import type { Value } from '../../lib/graph/value';
import { add, mul } from '../../lib/ops/elementwise';
import { gru } from '../../lib/ops/gru';
import { lstm } from '../../lib/ops/lstm';
import { sum } from '../../lib/ops/reduce';
import type { InputSpec, OpCase } from './case';

interface Sizes {
  readonly n: number;
  readonly steps: number;
  readonly hidden: number;
  readonly reverse?: boolean;
  readonly lengths?: readonly number[];
}

const sizes: readonly Sizes[] = [
  { n: 1, steps: 1, hidden: 1 },
  { n: 1, steps: 5, hidden: 17 },
  { n: 3, steps: 2, hidden: 3 },
  { n: 2, steps: 3, hidden: 5, reverse: true },
  { n: 4, steps: 4, hidden: 2, lengths: [4, 0, 1, 3] },
  { n: 4, steps: 4, hidden: 3, lengths: [0, 2, 4, 3], reverse: true },
  { n: 9, steps: 3, hidden: 33 },
  { n: 70, steps: 2, hidden: 9, lengths: [2, 1, 0] },
];

const rowsOf = ({ n, hidden }: Sizes, width: number): InputSpec => ({ shape: [n, width * hidden] });
const lengthsOf = ({ n, lengths }: Sizes): InputSpec[] =>
  lengths ? [{ shape: [n], dtype: 'int32', values: lengths }] : [];

const inputs = {
  lstm: (s: Sizes): InputSpec[] => [
    { shape: [s.n, s.steps, 4 * s.hidden] },
    rowsOf(s, 1),
    rowsOf(s, 1),
    { shape: [s.hidden, 4 * s.hidden] },
    ...lengthsOf(s),
  ],
  gru: (s: Sizes): InputSpec[] => [
    { shape: [s.n, s.steps, 3 * s.hidden] },
    rowsOf(s, 1),
    { shape: [s.hidden, 3 * s.hidden] },
    { shape: [s.hidden] },
    ...lengthsOf(s),
  ],
};

const build = {
  lstm: (s: Sizes, [gates, h0, c0, weight, lengths]: Value[]): Value[] => {
    const result = lstm(gates as Value, h0 as Value, c0 as Value, weight as Value, {
      reverse: s.reverse,
      ...(lengths ? { lengths } : {}),
    });
    return [result.output, result.hidden, result.cell];
  },
  gru: (s: Sizes, [gates, h0, weight, bias, lengths]: Value[]): Value[] => {
    const result = gru(gates as Value, h0 as Value, weight as Value, bias as Value, {
      reverse: s.reverse,
      ...(lengths ? { lengths } : {}),
    });
    return [result.output, result.hidden];
  },
};

/** The gradients of all inputs, where only the outputs in `used` have an influence. */
function gradientsOf(op: 'lstm' | 'gru', s: Sizes, values: Value[], used: readonly number[]): Value[] {
  const count = inputs[op](s).length;
  const own = values.slice(0, count);
  const outputs = build[op](s, own);
  const terms = used.map((i, k) => sum(mul(outputs[i] as Value, values[count + k] as Value)));
  return gradients(
    terms.reduce((total, term) => add(total, term)),
    own.filter((value) => value.dtype === 'float32'),
  );
}

const name = (op: string, { n, steps, hidden, reverse, lengths }: Sizes): string =>
  `${op} of ${n} x ${steps} steps, ${hidden} units${reverse ? ', reverse' : ''}${lengths ? `, lengths ${lengths.join()}` : ''}`;

const outputShapes = (s: Sizes): InputSpec[] => [{ shape: [s.n, s.steps, s.hidden] }, rowsOf(s, 1), rowsOf(s, 1)];

export const recurrentCases: OpCase[] = (['lstm', 'gru'] as const).flatMap((op) =>
  sizes.flatMap((s): OpCase[] => [
    {
      name: name(op, s),
      op,
      differentiable: s.hidden < 30,
      inputs: inputs[op](s),
      build: (...values) => build[op](s, values),
    },
    ...(op === 'lstm' ? [[0, 1, 2], [0], [2]] : [[0, 1], [0], [1]]).map(
      (used): OpCase => ({
        name: `${name(`${op}Grad`, s)}, of outputs ${used.join()}`,
        op: `${op}Grad`,
        inputs: [...inputs[op](s), ...used.map((i) => outputShapes(s)[i] as InputSpec)],
        build: (...values) => gradientsOf(op, s, values, used),
      }),
    ),
  ]),
);
