/** Binary networks as bits: the same numbers as the float model of +-1, layer by layer and stacked. */
import { join } from 'node:path';
import {
  binaryLenet,
  biRealResnet18,
  compress,
  functions,
  type InferenceModel,
  layers,
  loadInferenceModel,
  ops,
  quicknet,
  Session,
  type Tensor,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import { sizeOf } from '../../lib/graph/tensor';
import { kernelsOf, normal, openRandom } from '../inference/open';
import { refusal, temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();

const { batchNorm, binaryConv2d, binaryDense, conv2d, dense, flatten, layer, maxPool, relu, sequential } = layers;

/** Both of a session's models for an input: floats, and bits; gammas are of either sign. */
async function both(
  session: Session,
  input: Tensor,
): Promise<{ float: InferenceModel; bits: compress.BinarizedModel }> {
  session.declarations().forEach(({ path, shape }, i) => {
    if (/gamma/.test(path)) session.write(path, tensor(hostNormal([i, 3], sizeOf(shape)), shape));
    if (/\.mean$/.test(path))
      session.write(
        path,
        tensor(
          hostNormal([i, 4], sizeOf(shape)).map((x) => 3 * x),
          shape,
        ),
      );
  });
  const float = await session.compileForInference(input);
  return { float, bits: await compress.binarize(session, { input }) };
}

async function expectSame(
  network: layers.Layer,
  input: Tensor,
): Promise<{ kernels: string[]; bits: compress.BinarizedModel }> {
  const session = await openRandom(network, input);
  const { float, bits } = await both(session, input);
  const [before, after] = [await float.predict(input), await bits.model.predict(input)] as Tensor[];
  expect(after?.shape).toEqual(before?.shape);
  expect(new Set(before?.data).size).toBeGreaterThan(1);
  expect([...(after?.data ?? [])]).toEqual([...(before?.data ?? [])]);
  const kernels = kernelsOf(bits.model.explain(input.shape[0]));
  // A compiled model, in which much is fused, leads to the same bits as the session.
  const again = await compress.binarize(float);
  expect(await again.model.predict(input)).toEqual(after);
  expect(kernelsOf(again.model.explain(input.shape[0])).sort()).toEqual([...kernels].sort());
  again.model.dispose();
  session.dispose();
  float.dispose();
  return { kernels, bits };
}

/** In the order of the paper. */
const xnorNet = sequential(
  conv2d(16, 3),
  batchNorm(),
  binaryConv2d(24, 3, { padding: 1 }),
  maxPool(2),
  batchNorm(),
  binaryConv2d(32, 3, { padding: 1 }),
  relu(),
  flatten(),
  dense(4),
);

const count = (kernels: readonly string[], ...names: readonly string[]): number =>
  kernels.filter((kernel) => names.includes(kernel)).length;

describe('a layer alone agrees exactly with floats of +-1', () => {
  const rows: [string, layers.BinaryConv2dOptions, number, readonly number[]][] = [
    ['bnn', { method: 'bnn' }, 3, [3, 8, 7, 5]],
    ['bnn, zeros around', { method: 'bnn', padding: 1 }, 3, [2, 6, 6, 16]],
    ['bnn, ones around', { method: 'bnn', padding: 1, paddingValue: 1 }, 3, [2, 6, 6, 16]],
    [
      'bnn, minus ones around, strided',
      { method: 'bnn', padding: [1, 2], stride: 2, paddingValue: -1 },
      3,
      [2, 9, 6, 9],
    ],
    ['bnn, dilated', { method: 'bnn', padding: 'same', dilation: 2, bias: true }, 3, [1, 9, 6, 33]],
    ['xnor without K', { scaleMap: false, padding: 'same' }, 5, [2, 6, 6, 12]],
    ['xnor with K', { padding: 'same', bias: true }, 3, [2, 6, 6, 12]],
    ['1x1', { method: 'bnn' }, 1, [2, 5, 5, 70]],
  ];

  test.each(rows)('binaryConv2d: %s', async (_, options, kernel, shape) => {
    const { kernels } = await expectSame(binaryConv2d(11, kernel, options), normal(1, shape));
    expect(count(kernels, 'binaryConv2d')).toBe(1);
    const map = options.method ?? (options.scaleMap === false ? 'without' : 'with');
    expect(count(kernels, 'conv2d')).toBe(map === 'with' ? 1 : 0);
  });

  test.each([
    ['bnn', { method: 'bnn' }],
    ['xnor without K', { scaleMap: false, bias: true }],
    ['xnor with K', {}],
  ] as const)('binaryDense: %s', async (_, options) => {
    const { kernels } = await expectSame(binaryDense(9, options), normal(2, [3, 77]));
    expect(kernels).toContain('binaryMatmul');
  });
});

describe('layers that follow each other exchange bits', () => {
  test('normalised, pooled, flattened: floats are packed once, and leave at the end', async () => {
    const network = sequential(
      conv2d(16, 3, { padding: 'same' }),
      batchNorm(),
      binaryConv2d(24, 3, { padding: 'same', method: 'bnn' }),
      maxPool(2),
      batchNorm(),
      binaryConv2d(32, 3, { padding: 1, scaleMap: false, bias: true }),
      batchNorm(),
      relu(),
      batchNorm(),
      binaryConv2d(16, 3, { padding: 1, paddingValue: 1, scaleMap: false, stride: 2 }),
      batchNorm(),
      maxPool(2),
      flatten(),
      binaryDense(40, { method: 'bnn' }),
      batchNorm(),
      binaryDense(30, { scaleMap: false }),
      batchNorm(),
      dense(10),
    );
    const { kernels, bits } = await expectSame(network, normal(3, [5, 16, 16, 3]));
    expect(count(kernels, 'binaryConv2d', 'binaryMatmul')).toBe(5);
    expect(count(kernels, 'packBits')).toBe(1);
    expect(count(kernels, 'maxPoolBits')).toBe(2);
    expect(count(kernels, 'unpackBits', 'maxPool')).toBe(0);
    // Any number of examples, like every inference model.
    for (const examples of [1, 7]) {
      const output = (await bits.model.predict(normal(4, [examples, 16, 16, 3]))) as Tensor;
      expect(output.shape).toEqual([examples, 10]);
    }
  });

  test('channels that do not fill their bytes are packed behind flattening', async () => {
    const network = sequential(
      binaryConv2d(5, 3, { method: 'bnn' }),
      batchNorm(),
      flatten(),
      binaryDense(12, { method: 'bnn' }),
    );
    await expectSame(network, normal(5, [4, 6, 6, 3]));
  });

  test('a function that grows and falls is no comparison: floats stay', async () => {
    const wave = layer('wave', (x) => ops.sin(ops.mul(x, 0.5)));
    const network = sequential(binaryDense(16, { method: 'bnn' }), wave, binaryDense(8, { method: 'bnn' }));
    const { kernels } = await expectSame(network, normal(6, [9, 33]));
    expect(count(kernels, 'packBits')).toBe(2);
  });

  test('signs that are read as numbers, too', async () => {
    const sign = layers.binarySign();
    const twice = layer('twice', (x, scope) => {
      const signs = sign(batchNorm()(binaryDense(16, { method: 'bnn' })(x, scope), scope), scope);
      return ops.add(binaryDense(8, { method: 'bnn' })(signs, scope, 'next'), dense(8)(signs, scope));
    });
    const { kernels } = await expectSame(twice, normal(7, [9, 33]));
    expect(count(kernels, 'binaryMatmul')).toBe(2);
  });

  test('sums that something else reads stay floats', async () => {
    const around = layers.residual(sequential(batchNorm(), binaryDense(16, { method: 'bnn' })));
    const network = sequential(binaryDense(16, { scaleMap: false }), around, around, dense(3));
    const { kernels } = await expectSame(network, normal(8, [9, 24]));
    expect(count(kernels, 'binaryMatmul')).toBe(3);
  });
});

describe('whole networks (Q-30, Q-32)', () => {
  const rows: [string, layers.Layer, number, number][] = [
    ['Bi-Real ResNet-18', biRealResnet18({ form: 'cifar', filters: 8, classes: 6 }), 16, 16],
    ['Bi-Real ResNet-18 for large images', biRealResnet18({ filters: 8, classes: 6 }), 64, 16],
    ['quicknet', quicknet({ form: 'cifar', filters: [16, 24], blocks: [2, 3], classes: 6 }), 13, 5],
    ['LeNet', binaryLenet({ filters: [8, 24], hidden: 40 }), 12, 2],
    ['XNOR-Net with K', xnorNet, 14, 2],
  ];

  test.each(rows)('%s', async (_, network, side, binary) => {
    const { kernels, bits } = await expectSame(network, normal(14, [3, side, side, 3]));
    expect(count(kernels, 'binaryConv2d', 'binaryMatmul')).toBe(binary);
    expect(bits.report.layers.filter(({ converted }) => converted).length).toBe(binary);
    const claimed = bits.report.layers.flatMap(({ path, converted }) => (converted ? [path] : []));
    const session = new Session(network);
    const { model } = await compress.binarize(session, { input: normal(14, [3, side, side, 3]), layers: claimed });
    model.dispose();
    session.dispose();
  });
});

describe('binary weights that meet real numbers', () => {
  const network = sequential(
    conv2d(8, 3, { padding: 1 }),
    binaryConv2d(32, 3, { method: 'binaryConnect', padding: 1 }),
    batchNorm(),
    relu(),
    flatten(),
    binaryDense(48, { method: 'bwn' }),
    dense(4),
  );

  test('are held as bits in the file, and compute as before', async () => {
    const input = normal(9, [6, 8, 8, 2]);
    const { bits } = await expectSame(network, input);
    const file = join(folder, 'net.convolt');
    await bits.model.save(file);
    const loaded = await loadInferenceModel(file);
    expect((await loaded.predict(input)) as Tensor).toEqual(await bits.model.predict(input));
    const [first, second] = bits.report.layers.filter(({ converted }) => converted);
    expect([first?.path, second?.path]).toEqual(['binaryConv2d', 'binaryDense']);
    expect(first?.bytes).toEqual({ before: 4 * 9 * 8 * 32, after: 9 * 8 * 4 });
    expect(second?.bytes).toEqual({ before: 4 * 2048 * 48, after: 2048 * 6 });
    expect(bits.report.bytes.before / bits.report.bytes.after).toBeGreaterThan(10);
    // What was loaded can be saved again as small.
    await loaded.save(join(folder, 'again.convolt'));
    const again = await loadInferenceModel(join(folder, 'again.convolt'));
    expect(again.frozen.template.nodes.length).toBe(bits.model.frozen.template.nodes.length);
    loaded.dispose();
    again.dispose();
  });

  test('random ones are real in the end', async () => {
    const input = normal(10, [2, 20]);
    const session = await openRandom(binaryDense(8, { method: 'binaryConnect', stochastic: true }), input);
    const wanted = refusal('STATE', 'got none', 'weights other than +-1 times one number per filter');
    await expect(compress.binarize(session, { input })).rejects.toEqual(wanted);
  });
});

describe('any float model whose weights are +-1 times one number per filter', () => {
  /** Signs of the input, then weights that were never called binary. */
  const network = sequential(layers.binarySign(), dense(6, { bias: false }), dense(3));
  const input = normal(11, [4, 10]);
  const factors = [0.25, 3, 1, 0.5, 2, 0.125];

  async function opened(change: (weights: Float32Array) => void): Promise<Session> {
    const session = await openRandom(network, input);
    const weights = Float32Array.from(hostNormal([5, 5], 60), (x, i) => Math.sign(x) * (factors[i % 6] as number));
    change(weights);
    session.write('dense.weight', tensor(weights, [10, 6]));
    return session;
  }

  test('is converted from a compiled model as well', async () => {
    const session = await opened(() => undefined);
    const float = await session.compileForInference(input);
    const { model, report } = await compress.binarize(float, { layers: ['dense'] });
    expect(await model.predict(input)).toEqual(await float.predict(input));
    expect(report.layers.map(({ path, op, converted }) => [path, op, converted])).toEqual([
      ['dense', 'binaryMatmul', true],
      ['dense2', 'matmul', false],
    ]);
    expect(report.layers[1]?.reason).toMatch(/^weights other than \+-1 times one number per filter: /);
  });

  test('one weight of another size is named, and refused where the layer was claimed binary', async () => {
    const session = await opened((weights) => {
      weights[6 * 7 + 1] = 2.5;
    });
    const claimed = compress.binarize(session, { input, layers: ['dense'] });
    await expect(claimed).rejects.toThrow(
      /expected the layer 'dense' to be of \+-1 but got dense: .* 3 and 2.5 in filter 1/,
    );
    await expect(compress.binarize(session, { input })).rejects.toThrow(
      /expected the model to be one with .* but got none/,
    );
  });
});

test('misuse', async () => {
  const input = normal(12, [2, 6]);
  const session = await openRandom(sequential(functions.relu, binaryDense(8), dense(3)), input);
  await expect(compress.binarize(session)).rejects.toMatchObject({ code: 'OPTION' });
  await expect(compress.binarize(session, { input, bits: 1 } as never)).rejects.toMatchObject({ code: 'OPTION' });
  await expect(compress.binarize(session, { input, layers: ['none'] })).rejects.toMatchObject({ code: 'STATE' });
  const empty = { input: tensor([], [0, 6]), target: tensor(new Int32Array(0)) };
  await expect(compress.binarize(session, { validation: empty })).rejects.toMatchObject({ code: 'DATA' });
});

test('the report measures both models', async () => {
  const input = normal(13, [40, 6]);
  const session = await openRandom(sequential(binaryDense(8), dense(3)), input);
  const validation = { input, target: tensor(Int32Array.from({ length: 40 }, (_, i) => i % 3)) };
  const { report } = await compress.binarize(session, { validation });
  expect(report.accuracy?.after).toBe(report.accuracy?.before);
  expect(report.milliseconds.after).toBeGreaterThan(0);
  expect(report.bytes.after).toBeGreaterThan(0);
});
