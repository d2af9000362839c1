/** K-07: every gradient rule against central differences in float64, on every differentiable case. */
import { gradients } from '../lib/compiler/differentiate';
import type { Value } from '../lib/graph/value';
import { add, mul, tanh } from '../lib/ops/elementwise';
import { matmul } from '../lib/ops/matmul';
import { sum } from '../lib/ops/reduce';
import { stopGradient } from '../lib/ops/shape';
import { constant, feed } from '../lib/ops/source';
import { widen } from '../lib/reference';
import { gradientError } from '../lib/reference/gradient-check';
import { type BuiltCase, buildCase, cases } from './cases';
import { generator, seedOf } from './cases/case';

const isFloat = (value: Value): boolean => value.dtype === 'float32';

/** A scalar that every element of every output enters with a weight of its own. */
function weightedSum(outputs: readonly Value[]): Value {
  const terms = outputs.filter(isFloat).map((output, i) => {
    const random = generator(i + 1);
    const size = output.shape.reduce((product, length) => product * length, 1);
    const weights = Float32Array.from({ length: size }, () => 2 * random() - 1);
    return sum(mul(output, constant({ dtype: 'float32', shape: output.shape, data: weights })));
  });
  return terms.reduce((total, term) => add(total, term));
}

const numbersOf = ({ tensors }: BuiltCase) =>
  new Map(Object.entries(tensors).map(([name, tensor]) => [name, widen(tensor)]));

describe('gradient rules', () => {
  const differentiable = cases.filter((candidate) => candidate.differentiable);

  test.each(differentiable.map((opCase) => [opCase.name, opCase] as const))('%s', (name, opCase) => {
    const built = buildCase(opCase);
    const error = gradientError(
      weightedSum(built.outputs),
      built.inputs.filter(isFloat),
      numbersOf(built),
      seedOf(name),
    );
    expect(error).toBeLessThanOrEqual(1e-6);
  });
});

/** Gradients of gradients are graphs over the same rules: the rules of adjoint ops are met here once more. */
describe('second derivatives', () => {
  const names = [
    'tanh of 7',
    'exp of 7',
    'sigmoid of 7',
    'log of 7',
    'sqrt of 7',
    'reciprocal of 7',
    'erf of 7',
    'sin of 7',
    'log1p of 7',
    'div: equal shapes',
    'pow: equal shapes',
    'mul: row',
    'softmax of rows of 7',
    'logSoftmax of rows of 7',
    'variance of rows',
    'logSumExp of rows',
    'prod [3,5] over [0]',
    'im2col {window:[3,3],padding:1}',
    'conv2d [2,5,6,3] with [3,3] to 4 {padding:1,stride:2}',
    'matmul [|2, 3] x [|3, 4]',
    'averagePool [2,5,6,3] {window:3,stride:2,padding:1,countIncludePad:false}',
    'maxPool [2,5,6,3] {window:3,stride:2,padding:1}',
    'gather [5,3] by [4] along 0',
  ];

  test.each(names)('%s', (name) => {
    const opCase = cases.find((candidate) => candidate.name === name);
    if (!opCase) throw new Error(`no case '${name}'`);
    const built = buildCase(opCase);
    const wrt = built.inputs.filter(isFloat);
    const curved = built.outputs.filter(isFloat).map((output) => mul(output, tanh(output)));
    const first = gradients(weightedSum(curved), wrt);
    expect(gradientError(weightedSum(first), wrt, numbersOf(built), seedOf(name))).toBeLessThanOrEqual(1e-6);
  });
});

describe('the check itself', () => {
  const x = feed('x', [4, 3]);
  const w = feed('w', [3, 5]);
  const numbers = new Map(
    [x, w].map((value, i) => {
      const random = generator(i);
      const size = (value.shape[0] as number) * (value.shape[1] as number);
      return [
        value.name as string,
        { dtype: value.dtype, shape: value.shape, data: Float64Array.from({ length: size }, random) },
      ];
    }),
  );
  const network = sum(tanh(matmul(tanh(x), w)));

  test('passes for a tanh network', () => {
    expect(gradientError(network, [x, w], numbers)).toBeLessThanOrEqual(1e-6);
  });

  test('fails when a backward formula is scaled by 1.1', () => {
    const scaled = (value: Value, factor: number): Value =>
      add(value, mul(factor - 1, add(value, mul(-1, stopGradient(value)))));
    expect(gradientError(sum(tanh(scaled(matmul(tanh(x), w), 1.1))), [x, w], numbers)).toBeGreaterThan(1e-2);
  });
});
