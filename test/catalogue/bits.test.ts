/** K-12, Q-30 and Q-32: products of bits equal products of +1 and -1 exactly, and take less time than those of floats. */
import { setThreads, tensor } from '../../lib';
import type { Tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { binaryConv2d } from '../../lib/ops/binary-conv2d';
import { binaryMatmul } from '../../lib/ops/binary-matmul';
import { conv2d } from '../../lib/ops/conv2d';
import { matmul } from '../../lib/ops/matmul';
import { packBits, unpackBits } from '../../lib/ops/pack-bits';
import { constant, feed } from '../../lib/ops/source';
import { transpose } from '../../lib/ops/transpose';
import { Program } from '../../lib/runtime/program';
import { Store } from '../../lib/runtime/store';
import { generator } from '../cases/case';
import { EXACT, expectClose } from '../closeness';
import { runNative } from '../native-run';

const signs = (seed: number, ...shape: number[]): Tensor => {
  const random = generator(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1)),
    shape,
  );
};

const run = async (output: Value): Promise<Tensor> => (await runNative([output], {}))[0] as Tensor;
const asFloat = ({ shape, data }: Tensor) => ({ shape, data: Float32Array.from(data) });

describe('K-12', () => {
  test('the product of (-1, 1, -1, 1) and (-1, -1, 1, 1) is 0', async () => {
    const [a, b] = [packBits(constant([[-1, 1, -1, 1]])), packBits(constant([[-1, -1, 1, 1]]))];
    expect(Array.from((await run(binaryMatmul(a, b, { channels: 4 }))).data)).toEqual([0]);
  });

  test.each([1, 5, 63, 64, 65, 127, 1000])('equals the float product of matrices of +1 and -1, K = %i', async (k) => {
    const [a, b] = [constant(signs(k, 19, k)), constant(signs(k + 1, 23, k))];
    const packed = await run(binaryMatmul(packBits(a), packBits(b), { channels: k }));
    expect(packed.dtype).toBe('int32');
    expectClose(asFloat(packed), await run(matmul(a, b, { transposeB: true })), EXACT);
  });

  test('the product of 256 x 4096 and 4096 x 256 on one thread is quicker than that of floats', async () => {
    setThreads(1);
    const [a, b] = [signs(1, 256, 4096), signs(2, 256, 4096)];
    const bits = async (x: Tensor) => constant(await run(packBits(constant(x))));
    const time = async (output: Value): Promise<number> => {
      const store = new Store();
      const program = new Program(store, { outputs: { output } });
      const times: number[] = [];
      for (let i = 0; i < 9; i++) {
        const began = performance.now();
        await program.run();
        times.push(performance.now() - began);
      }
      program.dispose();
      store.dispose();
      return Math.min(...times);
    };
    const ofBits = await time(binaryMatmul(await bits(a), await bits(b), { channels: 4096 }));
    const ofFloats = await time(matmul(constant(a), constant(b), { transposeB: true }));
    setThreads(2);
    expect(ofBits).toBeLessThan(ofFloats / 2);
  });
});

describe('Q-30', () => {
  test('convolution, batch normalization and sign are one comparison of integers', async () => {
    const [x, w] = [constant(signs(3, 2, 9, 9, 70)), constant(signs(4, 3, 3, 70, 24))];
    const random = generator(5);
    const numbers = (least: number, most: number) =>
      Float32Array.from({ length: 24 }, () => least + (most - least) * random());
    const [gamma, beta, mean, deviation] = [numbers(-1, 1), numbers(-1, 1), numbers(-30, 30), numbers(5, 30)];
    const sums = await run(conv2d(x, w, { padding: 1, algorithm: 'direct' }));
    const expected = Float32Array.from(sums.data, (sum, i) => {
      const at = (vector: Float32Array) => vector[i % 24] as number;
      return (at(gamma) * (sum - at(mean))) / at(deviation) + at(beta) >= 0 ? 1 : -1;
    });
    const edge = gamma.map((g, k) => (mean[k] as number) - ((beta[k] as number) * (deviation[k] as number)) / g);
    const threshold = Int32Array.from(edge, (e, k) => ((gamma[k] as number) > 0 ? Math.ceil(e) : Math.floor(e) + 1));
    const flip = Uint8Array.from(gamma, (g) => Number(g < 0));
    const output = { threshold: constant(threshold), flip: constant(flip) };
    const weight = packBits(transpose(w, [3, 0, 1, 2]));
    const bits = binaryConv2d(packBits(x), weight, { channels: 70, padding: 1, output });
    expectClose(await run(unpackBits(bits, 24)), { shape: sums.shape, data: expected }, EXACT);
  });
});

describe('Q-32', () => {
  test('the binary convolution of the printed numbers', async () => {
    const j = [1, -2, 3, -4, 5, -6, 7, -8, 9];
    const image = tensor(Float32Array.from(j.flatMap((number) => [number, 2 * number])), [1, 3, 3, 2]);
    const weight = tensor(Float32Array.of(1, -2, 3, -4, -1, 2, 1, 1), [1, 2, 2, 2]); // [K, C, kh, kw]
    const bits = packBits(transpose(constant(weight), [0, 2, 3, 1]));
    const sums = await run(binaryConv2d(packBits(constant(image)), bits, { channels: 2 }));
    expect(Array.from(sums.data)).toEqual([-2, 2, 2, -2]);
    const [scale, offset] = [constant(Float32Array.of(1.875)), constant(Float32Array.of(0))];
    const scaled = binaryConv2d(packBits(constant(image)), bits, { channels: 2, output: { scale, offset } });
    const magnitudes = tensor(Float32Array.of(4.5, 6, 9, 10.5), [1, 2, 2, 1]);
    const y = await runNative([scaled, feed('k', [1, 2, 2, 1])], { k: magnitudes });
    const products = Array.from(y[0]?.data ?? [], (number, i) => number * (y[1]?.data[i] as number));
    expect(products).toEqual([-16.875, 22.5, 33.75, -39.375]);
  });

  test.each([{ padding: 'same' }, { padding: 2, stride: 2 }, { dilation: 2, padding: [1, 0, 2, 1] }] as const)(
    'the packed convolution equals that of floats: %j',
    async (options) => {
      const [x, w] = [constant(signs(6, 2, 11, 8, 33)), constant(signs(7, 3, 3, 33, 12))];
      const weight = packBits(transpose(w, [3, 0, 1, 2]));
      const sums = await run(binaryConv2d(packBits(x), weight, { ...options, channels: 33 }));
      expectClose(asFloat(sums), await run(conv2d(x, w, { ...options, algorithm: 'direct' })), EXACT);
    },
  );
});
