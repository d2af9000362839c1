/** Inference models: frozen, shared layers, several inputs and outputs, any batch size, predictions at once, misuse. */
import { layers, losses, ops, optimizers, type Scope, Session, type Tensor, tensor, type Value } from '../../lib';
import { refusal } from '../io/refusal';
import { distance, kernelsOf, normal, openRandom } from './open';

const { batchNorm, conv2d, dense, dropout, flatten, relu, sequential } = layers;

const image = normal(1, [4, 5, 5, 3]);

const asLayer = (body: (x: Value, scope: Scope) => Value) => layers.layer('net', body);

test('later training does not change the model', async () => {
  const session = new Session(sequential(flatten(), dense(3)), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ rate: 1 }),
  });
  const model = await session.compileForInference(image);
  const before = (await model.predict(image)) as Tensor;
  await session.step(image, tensor(Int32Array.of(0, 1, 2, 0)));
  expect((await model.predict(image)) as Tensor).toEqual(before);
  expect(distance(await session.run(image), before)).toBeGreaterThan(0.01);
  session.dispose();
  expect((await model.predict(image)) as Tensor).toEqual(before);
  model.dispose();
});

test('dropout that is not inverted is a factor in the weights', async () => {
  const session = await openRandom(sequential(conv2d(4, 3), dropout(0.5, { inverted: false }), relu()), image);
  const model = await session.compileForInference(image);
  expect(kernelsOf(model.explain())).toEqual(['conv2d', 'elementwise']);
  expect(distance((await model.predict(image)) as Tensor, await session.run(image))).toBeLessThan(1e-6);
  session.dispose();
  model.dispose();
});

describe('shared layers', () => {
  const compare = async (network: layers.Layer, kernels: readonly string[]) => {
    const session = await openRandom(network, image);
    const model = await session.compileForInference(image);
    expect(distance((await model.predict(image)) as Tensor, await session.run(image))).toBeLessThan(3e-6);
    expect(kernelsOf(model.explain(2))).toEqual(kernels);
    session.dispose();
    model.dispose();
  };

  test('a convolution in front of two normalisations is folded separately', async () => {
    const shared = conv2d(4, 1, { bias: false });
    const [one, two] = [batchNorm(), batchNorm()];
    const network = asLayer((x, scope) =>
      ops.concat([relu()(one(shared(x, scope), scope), scope), relu()(two(shared(ops.exp(x), scope), scope), scope)], {
        axis: -1,
      }),
    );
    await compare(network, ['conv2d', 'elementwise', 'elementwise', 'conv2d', 'elementwise', 'concat']);
  });

  test('one result that two normalisations read stays as it is', async () => {
    const shared = conv2d(4, 1, { bias: false });
    const [one, two] = [batchNorm(), batchNorm()];
    const network = asLayer((x, scope) => {
      const y = shared(x, scope);
      return ops.mul(ops.tanh(one(y, scope)), ops.tanh(two(y, scope)));
    });
    await compare(network, ['conv2d', 'elementwise']);
  });

  test('a block that is used twice', async () => {
    const block = sequential(conv2d(3, 3, { padding: 'same', bias: false }), batchNorm(), relu());
    await compare(sequential(block, block), ['conv2d', 'elementwise', 'conv2d', 'elementwise']);
  });

  test('a result that is also an output of its own', async () => {
    const session = await openRandom(
      asLayer((x, scope) => dense(2)(x, scope)),
      normal(1, [2, 3]),
    );
    session.dispose();
    const [inner, outer] = [dense(3), dense(2)];
    const both = new Session((x: Value, scope: Scope) => {
      const middle = inner(x, scope);
      return { middle, last: outer(ops.mul(middle, 3), scope) };
    });
    const input = normal(2, [2, 3]);
    const expected = (await both.run(input)) as unknown as Record<string, Tensor>;
    const model = await both.compileForInference(input);
    const actual = (await model.predict(input)) as Record<string, Tensor>;
    expect(Object.keys(model.outputs)).toEqual(['middle', 'last']);
    for (const name of ['middle', 'last'] as const) {
      expect(distance(actual[name] as Tensor, expected[name] as Tensor)).toBeLessThan(1e-6);
    }
    both.dispose();
    model.dispose();
  });
});

test('several inputs by name, any number of examples', async () => {
  const [left, right] = [dense(4), dense(4)];
  const session = new Session(({ a, b }: Record<string, Value>, scope: Scope) =>
    ops.add(left(a as Value, scope), right(b as Value, scope)),
  );
  const of = (n: number) => ({ a: normal(1, [n, 3]), b: normal(2, [n, 2]) });
  const model = await session.compileForInference({
    a: { dtype: 'float32', shape: [1, 3] },
    b: { dtype: 'float32', shape: [1, 2] },
  });
  expect(Object.keys(model.inputs)).toEqual(['input.a', 'input.b']);
  for (const n of [1, 2, 7, 64]) {
    expect(distance((await model.predict(of(n))) as Tensor, await session.run(of(n)))).toBeLessThan(1e-6);
  }
  await expect(model.predict({ a: of(2).a, b: of(3).b })).rejects.toThrow(refusal('SHAPE', 'input.b', '[2, 2]'));
  await expect(model.predict({ a: of(2).a })).rejects.toThrow(refusal('SHAPE', 'the inputs', 'input.a, input.b'));
  await expect(model.predict({ ...of(2), c: of(2).a })).rejects.toThrow(refusal('SHAPE', 'the inputs', 'input.c'));
  session.dispose();
  model.dispose();
});

test('predictions at once run in turn, for more batch sizes than are kept', async () => {
  const session = await openRandom(sequential(flatten(), dense(3)), image);
  const model = await session.compileForInference(image);
  const sizes = Array.from({ length: 12 }, (_, i) => 1 + (i % 12));
  const inputs = sizes.map((n) => normal(n, [n, 5, 5, 3]));
  const all = await Promise.all([...inputs, ...inputs].map((input) => model.predict(input)));
  for (const [i, output] of all.entries()) {
    const input = inputs[i % inputs.length] as Tensor;
    expect(distance(output as Tensor, await session.run(input))).toBeLessThan(1e-6);
  }
  session.dispose();
  model.dispose();
});

describe('models that mix examples', () => {
  const similarity = (x: Value) => ops.matmul(x, x, { transposeB: true });
  const rows = normal(3, [4, 6]);

  test.each<[string, (x: Value) => Value]>([
    ['products of examples with each other are refused or right', similarity],
    ['a mean over the examples', (x) => ops.sub(x, ops.mean(x, { axes: [0] }))],
    ['shifted examples', (x) => ops.slice(x, { begin: [1, 0], size: [(x.shape[0] as number) - 1, 6] })],
    ['numbers of the batch size', (x) => ops.mul(x, 1 / (x.shape[0] as number))],
  ])('%s', async (_, body) => {
    const session = new Session(body);
    const model = await session.compileForInference(rows, { batch: 'fixed' });
    expect((await model.predict(rows)) as Tensor).toEqual(await session.run(rows));
    await expect(model.predict(normal(1, [5, 6]))).rejects.toThrow(refusal('SHAPE', 'float32[4, 6]', '[5, 6]'));
    model.dispose();
    session.dispose();
  });

  test('need fixed shapes where a number is no multiple of the batch size', async () => {
    const session = new Session((x: Value) => ops.mul(x, 1 / (x.shape[0] as number)));
    await expect(session.compileForInference(rows)).rejects.toThrow(refusal('SHAPE', 'every batch size', 'fixed'));
    const counted = new Session((x: Value) => ((x.shape[0] as number) > 32 ? ops.exp(x) : x));
    await expect(counted.compileForInference(rows)).rejects.toThrow(refusal('SHAPE', 'every batch size'));
    session.dispose();
    counted.dispose();
  });
});

describe('misuse', () => {
  const session = new Session(sequential(flatten(), dense(3)));
  afterAll(() => session.dispose());

  test('options, inputs and states', async () => {
    await expect(session.compileForInference(image, { bath: 'any' } as object)).rejects.toThrow(
      refusal('OPTION', 'bath'),
    );
    const wrong = { batch: 'all' } as unknown as object;
    await expect(session.compileForInference(image, wrong)).rejects.toThrow(refusal('OPTION', 'any, fixed', 'all'));
    const scalar = { dtype: 'float32', shape: [] } as const;
    await expect(session.compileForInference(scalar)).rejects.toThrow(
      refusal('SHAPE', 'the first axis of input', 'fixed'),
    );
    const double = { dtype: 'float64', shape: [1, 3] } as unknown as Tensor;
    await expect(session.compileForInference(double)).rejects.toThrow(refusal('DTYPE', 'float32', 'float64'));
    const broken = { dtype: 'float32', shape: [1, 2.5] } as const;
    await expect(session.compileForInference(broken)).rejects.toThrow(refusal('VALUE', 'every size', '2.5'));
    const counting = new Session((x: Value, scope: Scope) => {
      const count = scope.state('count', [], () => ops.constant(0));
      scope.update(count, ops.add(count, 1));
      return ops.add(x, count);
    });
    await expect(counting.compileForInference(image)).rejects.toThrow(refusal('STATE', 'without states', 'count'));
    counting.dispose();
  });

  test('predictions of other types, and after the end', async () => {
    const model = await session.compileForInference(image);
    await expect(model.predict(normal(1, [2, 5, 5, 4]))).rejects.toThrow(
      refusal('SHAPE', 'float32[-1, 5, 5, 3]', '[2, 5, 5, 4]'),
    );
    await expect(model.predict(normal(1, [0, 5, 5, 3]))).rejects.toThrow(refusal('SHAPE', '[0, 5, 5, 3]'));
    const bytes = { dtype: 'uint8', shape: [1, 5, 5, 3], data: new Uint8Array(75) } as const;
    await expect(model.predict(bytes)).rejects.toThrow(refusal('DTYPE', 'float32', 'uint8'));
    const short = { ...image, data: new Float32Array(3) };
    await expect(model.predict(short)).rejects.toThrow(refusal('SHAPE', 'feed input', '300', '3'));
    expect((await model.predict(image)) as Tensor).toMatchObject({ shape: [4, 3] });
    model.dispose();
    await expect(model.predict(image)).rejects.toThrow(refusal('DISPOSED', 'the model'));
  });

  test('a folder that cannot be written', async () => {
    const model = await session.compileForInference(image);
    await expect(model.save('/nowhere/at/all.convolt')).rejects.toThrow(refusal('IO', '/nowhere'));
    model.dispose();
  });
});
