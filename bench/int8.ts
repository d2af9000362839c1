/** One quantized convolution beside the same layer in float32, directly and by the quickest algorithm. */
import { ops, Store, tensor, type Value } from '../lib';
import { sizeOf } from '../lib/graph/tensor';
import type { ConvolutionAlgorithm } from '../lib/ops';
import { type ConvShape, kernelTimes, randomState } from './kernels';
import { print, summarize } from './timing';

/** Whole numbers, the same in every run. */
const numbers = (size: number, least: number, count: number): number[] =>
  Array.from({ length: size }, (_, i) => least + ((i * 7919) % count));

/** `shape` = N,H,W,C,K,R,S,stride,pad, and a 1 for a filter per channel. */
export async function benchInt8(shape: readonly number[], threads: number, json: boolean): Promise<void> {
  const [n, h, w, c, k, r, s, stride, padding, depthwise = 0] = shape as ConvShape;
  const geometry = { stride, padding, groups: depthwise ? c : 1 };
  const weightShape = [r, s, c / geometry.groups, k];
  const size = sizeOf(weightShape);
  const times = async (name: string, make: (store: Store) => Value, kernel: RegExp) => {
    const store = new Store();
    return summarize(name, threads, await kernelTimes(store, [make(store)], kernel));
  };
  const float = (algorithm: ConvolutionAlgorithm) =>
    times(
      '',
      (store) => {
        const weights = ops.constant(tensor(numbers(size, -63, 127), weightShape));
        return ops.conv2d(randomState(store, 'x', [n, h, w, c]), weights, { ...geometry, algorithm });
      },
      /^conv2d/,
    );
  const own = await times(
    `int8 ${shape.join()}`,
    (store) => {
      const bytes = Uint8Array.from(numbers(n * h * w * c, 0, 256));
      store.declare('x', { dtype: 'uint8', shape: [n, h, w, c] });
      store.write('x', tensor(bytes, [n, h, w, c]));
      return ops.quantizedConv2d(
        ops.state('x', [n, h, w, c], 'uint8'),
        ops.constant(tensor(Int8Array.from(numbers(size, -63, 127)), weightShape)),
        ops.constant(new Int32Array(k)),
        ops.constant(new Float32Array(k).fill(0.001)),
        { ...geometry, inputZero: 3, output: { zero: 3, low: 3 } },
      );
    },
    /^quantizedConv2d/,
  );
  const [direct, auto] = [await float('direct'), await float('auto')];
  print(own, json, {
    direct_ms: direct.median_ms,
    auto_ms: auto.median_ms,
    ratio: Number((direct.median_ms / own.median_ms).toFixed(2)),
    auto_ratio: Number((auto.median_ms / own.median_ms).toFixed(2)),
  });
}
