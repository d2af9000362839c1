/** O-09 to O-11: L-BFGS, BFGS, products with the Hessian, Newton's step and the natural gradient. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  curvatures,
  data,
  fisher,
  hessian,
  initializers,
  layers,
  losses,
  lossOf,
  metrics,
  naturalGradientStep,
  newtonStep,
  ops,
  optimizers,
  parametersAsVector,
  Session,
  setParameters,
  tensor,
  type Value,
} from '../../lib';
import { gradients } from '../../lib/compiler/differentiate';
import { expectClose, F64 } from '../closeness';
import { noise } from '../golden/golden';
import { refusal } from '../io/refusal';
import { numbers } from './numbers';

const { bfgs, lbfgs } = optimizers;

const rosenbrock = ([x = 0, y = 0]: ArrayLike<number> & Iterable<number>) => ({
  value: 100 * (y - x * x) ** 2 + (1 - x) ** 2,
  gradient: [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)],
});

describe('O-09 L-BFGS and BFGS', () => {
  // PyTorch's LBFGS with strong_wolfe takes 45 calls and 37 iterations.
  test.each([
    ['L-BFGS', lbfgs],
    ['BFGS', bfgs],
  ])('%s: Rosenbrock from (-1.2, 1) in at most 100 calls', async (_, minimise) => {
    const { x, calls, iterations, converged } = await minimise(rosenbrock, [-1.2, 1]);
    expect(Math.abs((x[0] as number) - 1)).toBeLessThan(1e-6);
    expect(Math.abs((x[1] as number) - 1)).toBeLessThan(1e-6);
    expect(calls).toBeLessThanOrEqual(100);
    expect(iterations).toBeLessThanOrEqual(50);
    expect(converged).toBe(true);
  });

  test.each([2, 5, 9])('BFGS solves a quadratic of %p variables in n + 2 iterations, with exact steps', async (n) => {
    const { data: entries } = noise(3, [n, n]);
    const at = (i: number, j: number) => entries[i * n + j] as number;
    const range = Array.from({ length: n }, (_, i) => i);
    const a = range.map((i) => range.map((j) => range.reduce((sum, k) => sum + at(i, k) * at(j, k), i === j ? 1 : 0)));
    const times = (x: ArrayLike<number>) =>
      a.map((row) => row.reduce((sum, value, j) => sum + value * (x[j] as number), 0));
    const quadratic = (x: Float64Array) => {
      const product = times(x);
      return {
        value: product.reduce((sum, value, i) => sum + value * ((x[i] as number) / 2 - 1), 0),
        gradient: product.map((v, i) => v - (times(range.map(() => 1))[i] as number)),
      };
    };
    const { x, iterations } = await bfgs(quadratic, new Float64Array(n), { tolerance: 1e-7, lineSearch: 'exact' });
    expectClose({ shape: [n], data: x }, { shape: [n], data: range.map(() => 1) }, { absolute: 1e-6, relative: 0 });
    expect(iterations).toBeLessThanOrEqual(n + 2);
  });

  test('L-BFGS trains a network on whole batches', async () => {
    const { train, test: unseen } = data.digitsSplit();
    const model = layers.sequential(layers.flatten(), layers.dense(10));
    const session = new Session(model, { loss: losses.crossEntropy(), metrics: { accuracy: metrics.accuracy() } });
    await session.run(data.take(train, 1).input);
    const { closure, start } = await lossOf(session, train);
    const { x, value } = await lbfgs(closure, start, { iterations: 40 });
    setParameters(session, x);
    expect(value).toBeLessThan(0.1);
    expect((await session.measure(unseen.input, unseen.target)).accuracy).toBeGreaterThan(0.92);
    session.dispose();
  });

  test('misuse is refused', async () => {
    await expect(lbfgs(rosenbrock, [0, 0], { history: 0 })).rejects.toThrow(
      refusal('VALUE', 'lbfgs: expected history'),
    );
    await expect(lbfgs(rosenbrock, [0, 0], { steps: 1 } as never)).rejects.toThrow(refusal('OPTION', "'steps'"));
    await expect(bfgs(rosenbrock, [0, 0], { rate: 0 })).rejects.toThrow(refusal('VALUE', 'bfgs: expected rate'));
  });
});

/** Softmax regression of 4 features and 3 classes on 6 examples. */
async function regression() {
  const session = new Session(layers.dense(3), { loss: losses.crossEntropy(), seed: 2 });
  const input = tensor(Float32Array.from(noise(1, [6, 4]).data), [6, 4]);
  const examples = { input, target: tensor(Int32Array.of(0, 1, 2, 0, 1, 2)) };
  await session.run(input);
  return { session, examples };
}

describe('O-10 Hessian', () => {
  test('products agree with differences of gradients, the matrix with the products', async () => {
    const { session, examples } = await regression();
    const { closure } = await lossOf(session, examples);
    const w = parametersAsVector(session);
    const v = Float64Array.from(noise(5, [w.length]).data);
    const h = 2 ** -8;
    const gradientAt = async (step: number) => [
      ...((await closure(w.map((value, i) => value + step * (v[i] as number)))).gradient as number[]),
    ];
    const [ahead, behind] = [await gradientAt(h), await gradientAt(-h)];
    setParameters(session, w);
    const { times, gradient } = await curvatures(session, examples);
    const product = await times(v);
    const differences = ahead.map((value, i) => (value - (behind[i] as number)) / (2 * h));
    expectClose(
      { shape: [v.length], data: product },
      { shape: [v.length], data: differences },
      { absolute: 1e-4, relative: 1e-3 },
    );
    const rows = await hessian(session, examples);
    const multiplied = rows.map((row) => row.reduce((sum, value, j) => sum + value * (v[j] as number), 0));
    expectClose(
      { shape: [v.length], data: multiplied },
      { shape: [v.length], data: product },
      { absolute: 1e-6, relative: 1e-5 },
    );
    expect(gradient).toHaveLength(15);
    await expect(times([1])).rejects.toThrow(refusal('SHAPE', 'of 15 numbers'));
    session.dispose();
  });

  test("Newton's step solves a quadratic at once", async () => {
    // (w x - y)^2 for a line through six points: squaredError is quadratic in the parameters.
    const session = new Session(layers.dense(2), { loss: losses.squaredError() });
    const input = tensor(Float32Array.from(noise(1, [6, 3]).data), [6, 3]);
    const target = tensor(Float32Array.from(noise(2, [6, 2]).data), [6, 2]);
    await session.run(input);
    const before = await newtonStep(session, { input, target });
    const { gradient, loss } = await curvatures(session, { input, target });
    expect(loss).toBeLessThan(before);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-5);
    await newtonStep(session, { input, target }, { damping: 10, rate: 0.5 });
    await expect(newtonStep(session, { input, target }, { damping: -1 })).rejects.toThrow(refusal('VALUE', 'damping'));
    session.dispose();
  });

  test('a step ends where layers allow their parameters to be', async () => {
    const limited = layers.layer('limited', (x, scope) => {
      const constraint = (w: Value) => ops.clip(w, -0.25, 0.25);
      return ops.matmul(x, scope.param('weight', [1, 1], initializers.zeros, { constraint }));
    });
    const session = new Session(limited, { loss: losses.squaredError() });
    const [input, target] = [tensor([1, 2], [2, 1]), tensor([3, 6], [2, 1])];
    await newtonStep(session, { input, target });
    expect([...parametersAsVector(session)]).toEqual([0.25]);
    session.dispose();
  });
});

describe('O-11 natural gradient', () => {
  test('for softmax regression the Fisher matrix is the Hessian', async () => {
    const { session, examples } = await regression();
    const [f, h] = [await fisher(session, examples), await hessian(session, examples)];
    expectClose(
      { shape: [225], data: f.flatMap((row) => [...row]) },
      { shape: [225], data: h.flatMap((row) => [...row]) },
      { absolute: 1e-6, relative: 1e-4 },
    );
    session.dispose();
  });

  test("so that its step is Newton's, and the loss falls", async () => {
    const [a, b] = [await regression(), await regression()];
    const damping = 1e-2;
    await naturalGradientStep(a.session, a.examples, { damping });
    await newtonStep(b.session, b.examples, { damping });
    const [natural, newton] = [parametersAsVector(a.session), parametersAsVector(b.session)];
    expectClose({ shape: [15], data: natural }, { shape: [15], data: newton }, { absolute: 1e-3, relative: 1e-3 });
    for (const { session } of [a, b]) session.dispose();
  });

  test('the empirical matrix is the mean product of the slopes at the labels', async () => {
    const { session, examples } = await regression();
    const rows = await fisher(session, examples, { kind: 'empirical' });
    const trace = rows.reduce((sum, row, i) => sum + (row[i] as number), 0);
    let expected = 0;
    for (let i = 0; i < 6; i++) {
      const one = {
        input: tensor(examples.input.data.slice(4 * i, 4 * i + 4) as Float32Array, [1, 4]),
        target: tensor(examples.target.data.slice(i, i + 1) as Int32Array),
      };
      const { gradient } = await curvatures(session, one);
      expected += gradient.reduce((sum, value) => sum + value * value, 0) / 6;
    }
    expect(trace).toBeCloseTo(expected, 5);
    await expect(fisher(session, examples, { kind: 'true' as never })).rejects.toThrow(refusal('OPTION', "'true'"));
    session.dispose();
  });
});

test('products with the Hessian of a graph, in float64, are those of PyTorch and those by hand', () => {
  const [x, v] = [ops.constant([0.5, -1, 2]), ops.constant([1, 2, -1])];
  // f = sum(x^3) + (sum x)^2: H = 6 diag(x) + 2.
  const f: Value = ops.add(ops.sum(ops.mul(x, ops.mul(x, x))), ops.square(ops.sum(x)));
  const along = (of: Value, wrt: Value, direction: Value) => {
    const [g] = gradients(of, [wrt]) as [Value];
    return numbers(gradients(ops.sum(ops.mul(g, direction)), [wrt])[0] as Value);
  };
  expectClose({ shape: [3], data: along(f, x, v) }, { shape: [3], data: [3 + 4, -12 + 4, -12 + 4] }, F64);

  const given = (seed: number, shape: readonly number[]) =>
    ops.constant(tensor(Float32Array.from(noise(seed, [...shape]).data), [...shape]));
  const [rows, w, direction] = [given(7, [4, 5]), given(8, [5]), given(9, [5])];
  const scores = ops.matmul(rows, ops.reshape(w, [5, 1]));
  const loss = ops.add(ops.sum(ops.log1p(ops.exp(scores))), ops.sum(ops.square(ops.square(w))));
  const { hvp } = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'optimizers.json'), 'utf8'));
  expectClose({ shape: [5], data: along(loss, w, direction) }, { shape: [5], data: hvp }, F64);
});
