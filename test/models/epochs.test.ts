/** T-01, T-02, O-01: what an epoch is made of, seen through `fit`. */

import {
  data,
  fit,
  initializers,
  layers,
  losses,
  ops,
  optimizers,
  type Scope,
  Session,
  tensor,
  type Value,
} from '../../lib';

const { dense, flatten, layer, sequential } = layers;

/** A regression whose inputs are row numbers, and a model that notes which rows it is shown in which step. */
const count = 23;
const rows = data.dataset(
  tensor(
    Float32Array.from({ length: count }, (_, i) => i),
    [count, 1],
  ),
  tensor(new Float32Array(count), [count, 1]),
);

/** Keeps how often each row was seen, and when it was seen last. */
const witness = layer('witness', (x: Value, scope) => {
  const mine = ops.oneHot(ops.cast(ops.reshape(x, [-1]), 'int32'), count);
  const seen = ops.sum(mine, { axes: [0] });
  const [visits, last, step] = [
    scope.state('visits', [count], initializers.zeros),
    scope.state('last', [count], initializers.zeros),
    scope.state('step', [], initializers.zeros),
  ];
  const now = ops.add(step, 1);
  if (scope.training) {
    scope.update(step, now);
    scope.update(visits, ops.add(visits, seen));
    scope.update(last, ops.where(ops.greater(seen, 0), now, last));
  }
  return ops.mul(x, 0);
});

const watched = (seed: number) =>
  new Session(sequential(witness, dense(1)), {
    loss: losses.squaredError(),
    optimizer: optimizers.sgd({ rate: 0.1 }),
    seed,
  });

const noted = (session: Session, what: string) => [...session.read(`witness.${what}`).data];

describe('T-02 an epoch', () => {
  test.each([1, 4, 5, 23])('of batches of %i shows every example exactly once', async (batchSize) => {
    const session = watched(1);
    for (const times of [1, 2]) {
      await fit(session, rows, { epochs: 1, batchSize });
      expect(noted(session, 'visits')).toEqual(new Array(count).fill(times));
    }
    expect(noted(session, 'step')).toEqual([2 * Math.ceil(count / batchSize)]);
    session.dispose();
  });

  test('drops what fills no batch when asked to', async () => {
    const session = watched(1);
    await fit(session, rows, { epochs: 1, batchSize: 5, dropLast: true });
    expect(noted(session, 'visits').reduce((a, b) => a + b)).toBe(20);
    expect(noted(session, 'step')).toEqual([4]);
    session.dispose();
  });

  test('has an order of its own; seeds repeat, the first batch holds other examples in another epoch', async () => {
    const batchesOf = async (seed: number, epochs: number): Promise<number[]> => {
      const session = watched(seed);
      await fit(session, rows, { epochs, batchSize: 4 });
      const batches = noted(session, 'last').map((step) => step - 6 * (epochs - 1));
      session.dispose();
      return batches;
    };
    const first = await batchesOf(1, 1);
    expect(await batchesOf(1, 1)).toEqual(first);
    expect(await batchesOf(2, 1)).not.toEqual(first);
    const second = await batchesOf(1, 2);
    const members = (batches: number[]) => batches.flatMap((batch, row) => (batch === 1 ? [row] : []));
    expect(members(second)).not.toEqual(members(first));
  });

  test('keeps the order of the data without shuffling', async () => {
    const session = watched(1);
    await fit(session, rows, { epochs: 1, batchSize: 4, shuffle: false });
    expect(noted(session, 'last')).toEqual(Array.from({ length: count }, (_, i) => Math.floor(i / 4) + 1));
    session.dispose();
  });
});

describe('T-04 validation and test data', () => {
  test('are never trained on', async () => {
    const session = watched(1);
    const { first, second } = data.randomSplit(rows, { share: 0.3, seed: 4 });
    await fit(session, first, { epochs: 2, batchSize: 4, validation: second });
    const expected = noted(session, 'visits').map((_, row) => (first.input.data.includes(row) ? 2 : 0));
    expect(noted(session, 'visits')).toEqual(expected);
    expect(first.size + second.size).toBe(count);
    session.dispose();
  });
});

describe('O-01 descent by batches', () => {
  /** Small whole numbers, so that every sum is exact in float32. */
  const half = data.dataset(tensor([1, -2, 3, 0, 2, 1, -1, 4], [4, 2]), tensor([1, 0, -1, 2], [4, 1]));
  const doubled = data.dataset(
    tensor([...half.input.data, ...half.input.data], [8, 2]),
    tensor([...half.target.data, ...half.target.data], [8, 1]),
  );

  async function weightsAfter(epochs: number, batchSize: number): Promise<number[]> {
    const model = sequential(flatten(), dense(1, { weightInitializer: initializers.ones }));
    const session = new Session(model, { loss: losses.squaredError(), optimizer: optimizers.sgd({ rate: 2 ** -4 }) });
    await fit(session, doubled, { epochs, batchSize, shuffle: false });
    const weights = ['dense.weight', 'dense.bias'].flatMap((path) => [...session.read(path).data]);
    session.dispose();
    return weights;
  }

  test('one epoch of two equal halves is two steps with all of it', async () => {
    expect(await weightsAfter(1, 4)).toEqual(await weightsAfter(2, 8));
    expect(await weightsAfter(1, 4)).not.toEqual(await weightsAfter(1, 8));
  });
});

describe('T-01 a training step', () => {
  const { train } = data.digitsSplit();
  const { input, target } = data.take(train, 32);
  const model = () => sequential(flatten(), dense(16), layers.relu(), dense(10));
  const loss = losses.crossEntropy();

  test('writes states in its last steps only', async () => {
    const session = new Session(model(), { loss, optimizer: optimizers.adam() });
    await session.step(input, target);
    const [plan] = [...session.executor.compiled.values()].map((program) => program.plan);
    if (!plan) throw new Error('no plan');
    const writes = plan.steps.map(({ outputs }) => outputs.some((buffer) => plan.buffers[buffer]?.region === 'state'));
    expect(plan.firstWrite).toBeGreaterThan(0);
    expect(writes).toEqual(writes.map((_, i) => i >= plan.firstWrite));
    session.dispose();
  });

  test('the order of updates has no influence: all of them use the same gradients', async () => {
    const weightsAfter = async (order: (entries: [string, Value][]) => [string, Value][]) => {
      const descent = optimizers.sgd({ rate: 0.1, momentum: 0.9 });
      const optimizer: optimizers.Transform = (gradients, ...rest) => new Map(order([...descent(gradients, ...rest)]));
      const session = new Session(model(), { loss, optimizer });
      for (let i = 0; i < 5; i++) await session.step(input, target);
      const weights = ['dense.weight', 'dense.bias', 'dense2.weight', 'dense2.bias'].map((path) => session.read(path));
      session.dispose();
      return weights;
    };
    expect(await weightsAfter((entries) => entries.reverse())).toEqual(await weightsAfter((entries) => entries));
  });

  test('the predicted label is the argmax of the posteriors', async () => {
    const withLabel = (x: Value, scope: Scope) => {
      const logits = model()(x, scope);
      return { posteriors: ops.softmax(logits), label: ops.argmax(logits) };
    };
    const session = new Session(withLabel);
    const { posteriors, label } = (await session.run(input)) as never as Record<string, typeof input>;
    const rowsOf = Array.from({ length: 32 }, (_, i) => [...(posteriors?.data.subarray(10 * i, 10 * i + 10) ?? [])]);
    expect([...(label?.data ?? [])]).toEqual(rowsOf.map((row) => row.indexOf(Math.max(...row))));
    for (const row of rowsOf) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    session.dispose();
  });
});
