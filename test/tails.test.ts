/** Groups that run behind a convolution, range by range, give what they give as steps of their own. */
import { gradients } from '../lib/compiler/differentiate';
import { sizeOf, type Tensor, tensor } from '../lib/graph/tensor';
import type { Value } from '../lib/graph/value';
import * as ops from '../lib/ops';
import { feed } from '../lib/ops/source';
import { info, setThreads } from '../lib/runtime/addon';
import { Program } from '../lib/runtime/program';
import { Store } from '../lib/runtime/store';
import { expectClose, F32 } from './closeness';

const made = new Map<string, Tensor>();

function numbers(shape: readonly number[], salt: number): Tensor {
  const key = `${salt} ${shape}`;
  const data = () => Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(12.9898 * (i + 1) + salt));
  const known = made.get(key) ?? tensor(data(), shape);
  made.set(key, known);
  return known;
}

const bytesOf = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

async function run(outputs: Record<string, Value>, feeds: readonly Value[], tails: boolean) {
  const store = new Store();
  const program = new Program(store, { outputs, feeds, tails });
  const given = Object.fromEntries(
    feeds.map(({ node, shape }, i) => [(node.attributes as { name: string }).name, numbers(shape, i)]),
  );
  const result = await program.run(given);
  const attached = program.plan.steps.filter(({ isTail }) => isTail).length;
  program.dispose();
  store.dispose();
  return { outputs: result.outputs, attached };
}

type Make = (x: Value, w: Value, other: Value, vector: Value) => Record<string, Value>;
const axes = [0, 1, 2];
const relu = (x: Value) => ops.maximum(x, 0);

const cases: Record<string, Make> = {
  'bias and ReLU': (x, w, _, bias) => ({ y: relu(ops.add(ops.conv2d(x, w, { padding: 'same' }), bias)) }),
  'residual and ReLU': (x, w, other, bias) => ({
    y: relu(ops.add(ops.add(ops.conv2d(x, w, { padding: 'same' }), bias), other)),
  }),
  'the statistics of batch normalisation': (x, w, _, bias) => {
    const y = ops.conv2d(x, w, { padding: 'same' });
    return { sum: ops.sum(y, { axes }), squares: ops.sum(ops.square(y), { axes }), y: ops.add(y, bias) };
  },
  'statistics of an output that nothing else needs': (x, w) => {
    const y = ops.conv2d(x, w, { padding: 'same' });
    return { sum: ops.sum(y, { axes }), most: ops.max(y, { axes }) };
  },
  'sums within pixels': (x, w) => ({ y: ops.sum(ops.square(ops.conv2d(x, w, { padding: 'same' })), { axes: [3] }) }),
  'the sum of everything': (x, w) => ({ y: ops.sum(ops.tanh(ops.conv2d(x, w, { padding: 'same' }))) }),
  'another factor for each image': (x, w) => {
    const factor = ops.sum(ops.conv2d(x, w, { padding: 'same' }), { axes: [1, 2], keepDims: true });
    return { y: ops.mul(ops.conv2d(relu(x), w, { padding: 'same' }), factor) };
  },
  'products of bits, scaled': (x, w, other, vector) => {
    const weight = ops.packBits(ops.transpose(w, [3, 0, 1, 2]));
    const output = { scale: vector, offset: vector };
    const options = { channels: x.shape[3] as number, padding: 'same', output } as const;
    return { y: relu(ops.add(ops.binaryConv2d(ops.packBits(x), weight, options), other)) };
  },
  'the gradient behind a ReLU, and its sums': (x, w, other, vector) => {
    const h = relu(ops.mul(x, vector));
    const [g] = gradients(ops.sum(ops.mul(ops.conv2d(h, w, { padding: 'same' }), other)), [x]) as [Value];
    return { g, sums: ops.sum(g, { axes }), products: ops.sum(ops.mul(g, x), { axes }) };
  },
};

describe.each(Object.entries(cases))('%s', (_, make) => {
  const sizes = [
    [2, 9, 7, 3, 1],
    [2, 9, 7, 3, 3],
    [1, 13, 13, 64, 3],
    [3, 5, 5, 65, 1],
    [1, 4, 3, 1030, 1],
    [1, 2, 1, 16, 1],
  ] as const;

  test.each(sizes)('[%d, %d, %d, %d], window %d', async (n, h, width, c, window) => {
    const shape = [n, h, width, c];
    const feeds = [feed('x', shape), feed('w', [window, window, c, c]), feed('other', shape), feed('vector', [c])];
    const outputs = make(...(feeds as [Value, Value, Value, Value]));
    const apart = await run(outputs, feeds, false);
    const threads = info().threads;
    const first = await run(outputs, feeds, true);
    expect([apart.attached, first.attached > 0]).toEqual([0, true]);
    const scale = Math.sqrt(c) * 10; // sums of as many products
    for (const [name, value] of Object.entries(apart.outputs)) {
      expectClose(first.outputs[name] as Tensor, value, { ...F32, absolute: F32.absolute * scale });
    }
    try {
      for (const count of [1, 2, 3]) {
        setThreads(count);
        const again = await run(outputs, feeds, true);
        for (const [name, value] of Object.entries(first.outputs)) {
          expect(bytesOf(again.outputs[name] as Tensor).equals(bytesOf(value))).toBe(true);
        }
      }
    } finally {
      setThreads(threads);
    }
  });
});
