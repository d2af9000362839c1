/** Chapter M: norms, sizes, costs, fields and measures of information. */
import * as fc from 'fast-check';
import { layers, math, modelCost, ops, resnet18, type Value, vgg16 } from '../../lib';
import { constant } from '../../lib/ops/source';
import { expectHand } from '../closeness';
import { iris } from '../golden/samples';

const matrix = [
  [1, -2],
  [3, 4],
];

describe('M-01 norms', () => {
  test('of vectors: 1, 2, infinity, p', () => {
    const x = [3, -4, 12];
    expectHand(
      [math.vectorNorm(x, 1), math.vectorNorm(x), math.vectorNorm(x, Number.POSITIVE_INFINITY), math.vectorNorm(x, 3)],
      [19, 13, 12, 12.207055],
    );
  });

  test('the 2-norm neither overflows nor vanishes', () => {
    const large = math.vectorNorm(Float32Array.of(1e30, 1e30));
    expect(Math.fround(large)).toBeCloseTo(Math.SQRT2 * 1e30, -24);
    expect(Number.isFinite(math.vectorNorm([1e300, 1e300]))).toBe(true);
    expect(math.vectorNorm([3e-200, 4e-200])).toBeCloseTo(5e-200, 210);
  });

  test('p = 1 and p = 2 of the general norm agree with sums', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1 }), (x) => {
        const sums = [x.reduce((s, v) => s + Math.abs(v), 0), Math.sqrt(x.reduce((s, v) => s + v * v, 0))];
        expect(math.vectorNorm(x, 1)).toBeCloseTo(sums[0] as number, 9);
        expect(math.vectorNorm(x, 2)).toBeCloseTo(sums[1] as number, 9);
      }),
    );
  });

  test('of matrices: columns, rows, spectral, Frobenius, nuclear', () => {
    expectHand(
      [
        math.columnNorm(matrix),
        math.rowNorm(matrix),
        math.spectralNorm(matrix),
        math.frobeniusNorm(matrix),
        math.nuclearNorm(matrix),
      ],
      [6, 7, 5.116673, 5.477226, 7.071068],
    );
  });

  test('entry by entry', () => expectHand([math.entryNorm(matrix, 3)], [4.641589]));

  test('induced: p = 1, 2 and infinity are those of columns, singular values and rows', () => {
    for (const a of [
      matrix,
      [
        [1, 2, -3],
        [0.5, -1, 4],
      ],
      [[2], [-1]],
    ]) {
      expectHand(
        [1, 2, Number.POSITIVE_INFINITY].map((p) => math.inducedNorm(a, p)),
        [math.columnNorm(a), math.spectralNorm(a), math.rowNorm(a)],
      );
    }
  });

  test('induced: no vector is stretched more', () => {
    const bound = math.inducedNorm(matrix, 3);
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }), (a, b) => {
        fc.pre(Math.abs(a) + Math.abs(b) > 1e-3);
        const stretched = math.vectorNorm([a - 2 * b, 3 * a + 4 * b], 3) / math.vectorNorm([a, b], 3);
        expect(stretched).toBeLessThanOrEqual(bound * (1 + 1e-9));
      }),
    );
  });
});

describe('M-02 output size', () => {
  test.each<[number, number, math.WindowOptions, number]>([
    [224, 7, { padding: 3, stride: 2 }, 112],
    [112, 3, { padding: 1, stride: 2 }, 56],
    [227, 11, { stride: 4 }, 55],
    [55, 3, { stride: 2 }, 27],
    [32, 5, { padding: 2 }, 32],
    [6, 3, { stride: 2, ceil: true }, 3],
    [9, 3, { padding: 'same', stride: 2 }, 5],
    [9, 3, { padding: 'full' }, 11],
    [9, 3, { dilation: 3 }, 3],
  ])('%d pixels, window %d, %j: %d', (size, window, options, expected) => {
    expect(math.outputSize(size, window, options)).toBe(expected);
  });

  test('a transposed convolution goes the way back', () => {
    expect(math.transposedOutputSize(112, 4, { stride: 2, padding: 1 })).toBe(224);
    expect(
      math.transposedOutputSize(math.outputSize(224, 4, { stride: 2, padding: 1 }), 4, { stride: 2, padding: 1 }),
    ).toBe(224);
    expect(math.transposedOutputSize(5, 3, { stride: 2, outputPadding: 1, dilation: 2 })).toBe(14);
  });
});

describe('M-03 parameters and multiply-adds', () => {
  const size = { height: 56, width: 56, channels: 64, filters: 128, kernel: 3 };

  test('of a convolution, and of a separable one', () => {
    expect(math.convolutionCost(size)).toEqual({ parameters: 73728 + 128, multiplyAdds: 231211008 });
    expect(math.separableCost(size).multiplyAdds).toBe(27496448);
    const ratio = math.separableCost(size).multiplyAdds / math.convolutionCost(size).multiplyAdds;
    expectHand([ratio], [1 / 128 + 1 / 9]);
  });

  test('of dense, recurrent and normalising layers', () => {
    expect(math.denseCost({ inputs: 4096, outputs: 1000 })).toEqual({ parameters: 4097000, multiplyAdds: 4096000 });
    expect(math.recurrentCost({ kind: 'lstm', inputs: 8, units: 16, steps: 10 })).toEqual({
      parameters: 4 * (8 * 16 + 16 * 16 + 16),
      multiplyAdds: 10 * 4 * (8 * 16 + 16 * 16),
    });
    expect(math.batchNormCost(64)).toEqual({ parameters: 128, multiplyAdds: 0 });
  });

  const image = { dtype: 'float32', shape: [1, 224, 224, 3] } as const;

  test('of whole models: VGG-16, ResNet-18', () => {
    const vgg = modelCost(vgg16(), image);
    expect([vgg.parameters, vgg.multiplyAdds]).toEqual([138357544, 15470264320]);
    const resnet = modelCost(resnet18(), image);
    expect([resnet.parameters, resnet.multiplyAdds]).toEqual([11689512, 1814073344]);
  });

  test('layer by layer, with what they give', () => {
    const { conv2d, dense, flatten, relu, sequential } = layers;
    const model = sequential(conv2d(4, 3, { padding: 'same' }), relu(), flatten(), dense(10));
    const { layers: rows, ...total } = modelCost(model, { dtype: 'float32', shape: [2, 8, 8, 1] });
    expect(total).toEqual({
      parameters: 40 + 2570,
      multiplyAdds: 2 * (64 * 36 + 2560),
      activationBytes: rows.reduce((sum, row) => sum + row.activationBytes, 0),
    });
    expect(rows.find(({ path }) => path === 'conv2d')).toEqual({
      path: 'conv2d',
      parameters: 40,
      multiplyAdds: 2 * 64 * 36,
      activationBytes: 2 * 64 * 4 * 4,
      output: [2, 8, 8, 4],
    });
  });

  test.each(['lstm', 'gru', 'rnn'] as const)('of recurrent layers: %s', (kind) => {
    const { multiplyAdds } = modelCost(layers[kind]({ units: 16 }), { dtype: 'float32', shape: [1, 10, 8] });
    expect(multiplyAdds).toBe(math.recurrentCost({ kind, inputs: 8, units: 16, steps: 10 }).multiplyAdds);
  });
});

describe('M-04 receptive field', () => {
  const three = { kernel: 3 };
  const pool = { kernel: 2, stride: 2 };
  const times = (count: number, ...layer: math.FieldLayer[]) => Array.from({ length: count }, () => layer).flat();

  test('three 3 x 3 see 7, like one 7 x 7; with dilation 1, 2, 4 they see 15', () => {
    expect(math.receptiveField(times(3, three)).size).toBe(7);
    expect(math.receptiveField([1, 2, 4].map((dilation) => ({ kernel: 3, dilation }))).size).toBe(15);
  });

  test('VGG-16', () => {
    const upTo = [2, 2, 3, 3].flatMap((count) => [...times(count, three), pool]);
    const conv53 = [...upTo, ...times(3, three)];
    expect(math.receptiveField(conv53)).toMatchObject({ size: 196, stride: 16 });
    expect(math.receptiveField([...conv53, pool]).size).toBe(212);
  });

  test('AlexNet', () => {
    const pool3 = { kernel: 3, stride: 2 };
    const conv5 = [{ kernel: 11, stride: 4 }, pool3, { kernel: 5, padding: 2 }, pool3, ...times(3, three)];
    expect(math.receptiveField(conv5).size).toBe(163);
    expect(math.receptiveField([...conv5, pool3]).size).toBe(195);
  });

  test('ResNet-18 and ResNet-50 in both forms', () => {
    const stem = [
      { kernel: 7, stride: 2, padding: 3 },
      { kernel: 3, stride: 2, padding: 1 },
    ];
    const basic = (stride: number) => [{ kernel: 3, stride }, three];
    const bottleneck = (stride: number, v1: boolean) => [
      { kernel: 1, stride: v1 ? stride : 1 },
      { kernel: 3, stride: v1 ? 1 : stride },
    ];
    const stages = (counts: number[], block: (stride: number) => math.FieldLayer[]) =>
      counts.flatMap((count, stage) => [...block(stage ? 2 : 1), ...times(count - 1, ...block(1))]);
    const sizeOf = (counts: number[], block: (stride: number) => math.FieldLayer[]) =>
      math.receptiveField([...stem, ...stages(counts, block)]).size;
    expect(sizeOf([2, 2, 2, 2], basic)).toBe(435);
    expect(sizeOf([3, 4, 6, 3], (stride) => bottleneck(stride, false))).toBe(427);
    expect(sizeOf([3, 4, 6, 3], (stride) => bottleneck(stride, true))).toBe(483);
  });

  test('start and centre', () => {
    expect(
      math.receptiveField([
        { kernel: 3, padding: 1 },
        { kernel: 3, padding: 1, stride: 2 },
      ]),
    ).toEqual({
      size: 5,
      stride: 2,
      start: -2,
      center: 0.5,
    });
  });

  test('gradients show the same as the formula', () => {
    const fields: math.FieldLayer[] = [
      { kernel: 3, padding: 1 },
      { kernel: 3, stride: 2, padding: 1 },
      { kernel: 3, dilation: 2 },
    ];
    const ones = (k: number) =>
      constant({ dtype: 'float32', shape: [k, k, 1, 1], data: new Float32Array(k * k).fill(1) });
    const net = (x: Value) => fields.reduce((map, { kernel, ...options }) => ops.conv2d(map, ones(kernel), options), x);
    const { size, stride, start } = math.receptiveField(fields);
    const { rows, columns } = math.empiricalReceptiveField(net, [25, 25, 1], { at: [3, 4] });
    expect(rows).toEqual([start + 3 * stride, start + 3 * stride + size]);
    expect(columns).toEqual([start + 4 * stride, start + 4 * stride + size]);
  });
});

describe('M-05 sparsity of connections', () => {
  test('32 x 32 to 28 x 28 by 5 x 5', () => {
    const { output, links, denseLinks, weights, sparsity } = math.connections([32, 32], 5);
    expect([output, links, denseLinks, weights]).toEqual([[28, 28], 19600, 802816, 25]);
    expectHand([sparsity], [1 - 19600 / 802816]);
  });
});

describe('M-06 measures of information (J-16, W-03)', () => {
  const [p, q] = [
    [0.5, 0.5],
    [0.9, 0.1],
  ];

  test('entropy, divergences, cross-entropy', () => {
    expectHand([math.entropy(p), math.klDivergence(p, q), math.klDivergence(q, p)], [Math.LN2, 0.510826, 0.368064]);
    expectHand([math.crossEntropy(p, q)], [math.entropy(p) + math.klDivergence(p, q)]);
    expectHand([math.jsDivergence(p, q), -Math.log(4) + 2 * math.jsDivergence(p, q)], [0.101749, -1.182796]);
    expectHand([-Math.log(4) + 2 * math.jsDivergence(p, p)], [-1.386294]);
  });

  test('0 log 0 is 0, and what q rules out is infinitely far', () => {
    expect(math.entropy([1, 0])).toBeCloseTo(0, 15);
    expect(math.klDivergence([0, 1], [0.5, 0.5])).toBeCloseTo(Math.LN2, 15);
    expect(math.klDivergence([0.5, 0.5], [0, 1])).toBe(Number.POSITIVE_INFINITY);
    expect(math.jsDivergence([0, 1], [1, 0])).toBeCloseTo(Math.LN2, 15);
  });
});

describe('M-07 principal components', () => {
  const pixels = [
    [0, 0, 0],
    [2, 1, 0],
    [4, 2, 0],
    [6, 3, 0],
    [0, 0, 3],
    [0, 0, -3],
  ];

  test('of colours', () => {
    const { variances, components } = math.pca(pixels);
    expectHand(variances, [20 / 3, 3, 0]);
    const column = (j: number) => [0, 1, 2].map((i) => components.data[i * 3 + j] as number);
    expectHand(column(0), [0.894427, 0.447214, 0]);
    expectHand(column(1), [0, 0, 1]);
  });

  test('what is lost is the sum of the discarded eigenvalues', () => {
    const { data, eigenvalues } = iris();
    const { project, reconstruct, variances, explained } = math.pca(data, { components: 2 });
    expectHand(variances, eigenvalues);
    expect([...explained].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const back = reconstruct(project(data));
    const lost = back.data.reduce((sum, x, i) => sum + (x - (data.data[i] as number)) ** 2, 0) / 150;
    expect(Math.abs(lost - ((variances[2] as number) + (variances[3] as number)))).toBeLessThan(1e-9);
  });
});

describe('M-08 chain-rule worked examples (K-05)', () => {
  test('of any graph of scalars', () => {
    const steps = math.chainRule(({ x }) => ops.mul(x as Value, ops.add(x as Value, 3)), { x: 2 });
    expect(steps.map(({ value, derivative }) => [value, derivative])).toEqual([
      [2, 7],
      [5, 2],
      [10, 1],
    ]);
    expect(() => math.chainRule(() => constant([1, 2]), {})).toThrow('chainRule: expected the result to be a scalar');
  });

  test('two paths, and a shared input', () => {
    const { twoPaths, sharedInput } = math.chainRuleExamples();
    expect(twoPaths.map(({ name, expression, value, derivative }) => [name, expression, value, derivative])).toEqual([
      ['a', 'a', 2, 2],
      ['b', 'b', 1, 5],
      ['v1', 'add(a, b)', 3, 2],
      ['v2', 'add(b, 1)', 2, 3],
      ['v3', 'mul(v1, v2)', 6, 1],
    ]);
    expectHand([sharedInput.at(-1)?.value as number, sharedInput[0]?.derivative as number], [Math.E, 8.154845]);
  });
});
