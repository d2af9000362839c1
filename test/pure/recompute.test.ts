/** Which values passes compute again, and which passes are joined, seen in the steps of compiled programs. */
import { compile } from '../../lib/compiler/compile';
import { gradients } from '../../lib/compiler/differentiate';
import type { Value } from '../../lib/graph/value';
import * as ops from '../../lib/ops';
import { feed } from '../../lib/ops/source';

const x = feed('x', [64, 32]);
const w = feed('w', [32]);
const feeds = [x, w];
const labels = (outputs: Readonly<Record<string, Value>>, more: readonly Value[] = []) =>
  compile({ outputs, feeds: [...feeds, ...more] }).plan.steps.map((step) => step.label);
const named = (...values: readonly Value[]) => Object.fromEntries(values.map((value, i) => [`y${i}`, value]));

/** Two passes that a softmax keeps apart, both with `f(x)`. */
const around = (f: (value: Value) => Value): Value => {
  const y = f(x);
  return ops.add(y, ops.softmax(ops.mul(y, 3)));
};

describe('recompute', () => {
  test('a cheap value of what both passes read is computed in both', () => {
    expect(labels(named(around((value) => ops.sub(value, w))))).toEqual(['sub+mul', 'softmax', 'sub+add']);
  });

  test('transcendental functions and long chains are stored', () => {
    expect(labels(named(around((value) => ops.exp(ops.sub(value, w)))))).toEqual(['sub+exp+mul', 'softmax', 'add']);
    const long = (value: Value) => Array.from({ length: 12 }).reduce((y: Value) => ops.sub(1, ops.mul(y, y)), value);
    expect(labels(named(around(long))).at(-1)).toBe('add');
  });

  test('a value that needs more operands than it saves is stored', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => feed(name, [64, 32])) as [Value, Value, Value];
    const y = around((value) => ops.add(value, ops.add(a, ops.add(b, c))));
    expect(labels(named(y), [a, b, c])).toEqual(['add+add+add+mul', 'softmax', 'add']);
  });

  test('small values are stored', () => {
    const small = feed('small', [8, 4]);
    const y = ops.neg(small);
    expect(labels(named(ops.add(y, ops.softmax(ops.mul(y, 3)))), [small])).toEqual(['neg+mul', 'softmax', 'add']);
  });

  test('the mask of a limited value needs the value without its limits', () => {
    const y = ops.clip(ops.sub(x, w), 0, 6);
    const z = ops.softmax(y); // stands for what keeps forward and backward apart
    const [slope] = gradients(ops.sum(y), [x], undefined) as [Value];
    expect(labels(named(z, ops.mul(slope, z)))).toEqual([
      'sub+maximum+minimum',
      'softmax',
      'sub+less+where+less+where+mul',
    ]);
  });

  test('an output keeps its name and its numbers', () => {
    const y = ops.sub(x, w);
    const { plan } = compile({ outputs: { y, z: ops.softmax(ops.mul(y, 3)), last: around(() => y) }, feeds });
    expect(plan.fetches.map(({ name }) => name)).toEqual(['y', 'z', 'last']);
  });
});

describe('folds', () => {
  const g = ops.softmax(x);
  const sum = (value: Value, axis: number) => ops.sum(value, { axes: axis });

  test('those that share only an operand are one pass', () => {
    expect(labels(named(sum(g, 0), sum(ops.mul(g, x), 0)))).toEqual(['softmax', 'sum+mul+sum']);
  });

  test('of different axes are passes of their own', () => {
    expect(labels(named(sum(ops.neg(x), 0), sum(ops.neg(x), 1)))).toHaveLength(2);
  });
});

describe('simplify', () => {
  test('the gradient of a sum of squares is one product with a doubled factor', () => {
    const [slope] = gradients(ops.sum(ops.mul(w, ops.sum(ops.square(x), { axes: 0 }))), [x]) as [Value];
    expect(labels(named(slope))).toEqual(['mul', 'mul']);
  });

  test('two products and a smaller term are two products with a sum each', () => {
    const y = feed('y', [64, 32]);
    const { plan } = compile({
      outputs: { z: ops.add(ops.add(ops.mul(x, w), ops.mul(y, 3)), w) },
      feeds: [...feeds, y],
    });
    const [rank, rows, columns, immediates, three, instructions] = plan.steps[0]?.attributes ?? [];
    expect([rank, rows, columns, immediates, three, instructions]).toEqual([2, 64, 32, 1, 3, 2]);
  });
});
