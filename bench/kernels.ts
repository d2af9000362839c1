/** Single kernels: convolution and matrix products of any shape, timed inside the native core. */
import { gradients, ops, Program, Store, tensor, type Value } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { sizeOf } from '../lib/graph/tensor';
import { measure, print, summarize } from './timing';

/** The numbers of a convolution, as the option `--shape` gives them. */
export type ConvShape = [
  n: number,
  h: number,
  w: number,
  c: number,
  k: number,
  r: number,
  s: number,
  stride?: number,
  pad?: number,
  groups?: number,
];

/** A state of random numbers. */
export function randomState(store: Store, path: string, shape: readonly number[]): Value {
  const size = sizeOf(shape);
  store.declare(path, { dtype: 'float32', shape });
  store.write(path, tensor(hostNormal([path.length, size], size), shape));
  return ops.state(path, shape);
}

/** One element of each result is fetched, so that all of it is computed and nothing large is copied. */
export const firstElements = (values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(
    values.map((value, i) => [
      `result${i}`,
      ops.slice(value, { begin: value.shape.map(() => 0), size: value.shape.map(() => 1) }),
    ]),
  );

/** Milliseconds of the kernels whose label matches, run by run. */
export async function kernelTimes(store: Store, results: readonly Value[], kernel: RegExp): Promise<number[]> {
  process.env.CONVOLT_PROFILE = '1'; // read when the program is bound
  const program = new Program(store, { outputs: firstElements(results) });
  const total = () =>
    program
      .profile()
      .filter(({ label }) => kernel.test(label))
      .reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const times = await measure(async () => {
    const before = total();
    await program.run();
    return (total() - before) / 1e6;
  }, 3);
  program.dispose();
  store.dispose();
  return times;
}

const rate = (flops: number, milliseconds: number) => ({ gflops: Number((flops / milliseconds / 1e6).toFixed(1)) });

/** `shape` = N,H,W,C,K,R,S,stride,pad,groups. */
export async function benchConv(
  shape: readonly number[],
  pass: 'fwd' | 'fwdbwd',
  threads: number,
  json: boolean,
): Promise<void> {
  const [n, h, w, c, k, r, s, stride, pad, groups = 1] = shape as ConvShape;
  const store = new Store();
  const x = randomState(store, 'x', [n, h, w, c]);
  const weights = randomState(store, 'weights', [r, s, c / groups, k]);
  const y = ops.conv2d(x, weights, { stride, padding: pad, groups });
  const results = pass === 'fwd' ? [y] : [y, ...gradients(y, [x, weights], randomState(store, 'gy', y.shape))];
  const times = await kernelTimes(store, results, /^conv2d/);
  const flops = 2 * sizeOf(y.shape) * (c / groups) * r * s * (pass === 'fwd' ? 1 : 3);
  const timing = summarize(`conv ${shape.join()} ${pass}`, threads, times);
  print(timing, json, rate(flops, timing.median_ms));
}

/** `shape` = M,N,K. */
export async function benchGemm(shape: readonly number[], threads: number, json: boolean): Promise<void> {
  const [m, n, k] = shape as unknown as [number, number, number];
  const store = new Store();
  const product = ops.matmul(randomState(store, 'a', [m, k]), randomState(store, 'b', [k, n]));
  const timing = summarize(`gemm ${shape.join()}`, threads, await kernelTimes(store, [product], /^matmul/));
  print(timing, json, rate(2 * m * n * k, timing.median_ms));
}
