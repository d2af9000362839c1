/** Chapter K: parts of a batch, threads, and model files. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  gradients,
  info,
  initializeFromPretrained,
  layers,
  losses,
  optimizers,
  Session,
  setThreads,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import type { Tensor } from '../../lib/graph/tensor';
import { conv2d } from '../../lib/ops/conv2d';
import { tanh } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { mean } from '../../lib/ops/reduce';
import { reshape } from '../../lib/ops/shape';
import { constant } from '../../lib/ops/source';
import { expectClose, F32 } from '../closeness';
import { runNative } from '../native-run';

const normal = (seed: number, ...shape: number[]): Tensor =>
  tensor(
    hostNormal(
      [seed, 1],
      shape.reduce((a, b) => a * b, 1),
    ),
    shape,
  );

/** Gradients of the mean loss of rows [from, to) of a batch, with respect to a filter and a matrix. */
function slopes(from: number, to: number): Promise<Tensor[]> {
  const batch = normal(1, 32, 8, 8, 3);
  const rows = (to - from) * 192;
  const x = constant({
    dtype: 'float32',
    shape: [to - from, 8, 8, 3],
    data: batch.data.slice(from * 192, from * 192 + rows),
  });
  const labels = constant(Int32Array.from({ length: to - from }, (_, i) => ((from + i) * 7) % 5));
  const [filter, weight] = [constant(normal(2, 3, 3, 3, 4)), constant(normal(3, 144, 5))];
  const features = reshape(tanh(conv2d(x, filter)), [to - from, 144]);
  const loss = mean(losses.crossEntropy()(matmul(features, weight), labels));
  return runNative(gradients(loss, [filter, weight]), {});
}

describe('K-16 parallel execution', () => {
  test('the average of the gradients of four shards is the gradient of the whole batch', async () => {
    const whole = await slopes(0, 32);
    const shards = await Promise.all([0, 8, 16, 24].map((from) => slopes(from, from + 8)));
    whole.forEach(({ shape, data }, i) => {
      const average = data.map((_, j) => shards.reduce((sum, shard) => sum + (shard[i]?.data[j] as number) / 4, 0));
      expectClose({ shape, data: average }, { shape, data }, F32);
    });
  });

  test('the number of threads changes no bit', async () => {
    const { threads } = info();
    const results: Tensor[][] = [];
    for (const count of [1, 2, 3]) {
      setThreads(count);
      results.push(await slopes(0, 32));
    }
    setThreads(threads);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe('K-15 model files', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'convolt-')), 'model.safetensors');
  const input = normal(4, 6, 10);
  const labels = tensor(Int32Array.of(0, 1, 2, 0, 1, 2));
  const open = (units = 8) =>
    new Session(layers.sequential(layers.dense(units), layers.relu(), layers.dense(3)), {
      loss: losses.crossEntropy(),
      optimizer: optimizers.adam(),
      seed: 4,
    });

  test('saved, loaded, computed: the same bits; training goes on as if nothing had happened', async () => {
    const [first, second] = [open(), open()];
    await first.step(input, labels);
    await first.save(path);
    await second.load(path);
    expect(await second.run(input)).toEqual(await first.run(input));
    expect(await second.step(input, labels)).toEqual(await first.step(input, labels));
    expect(await second.run(input)).toEqual(await first.run(input));
    first.dispose();
    second.dispose();
  });

  test('loaded in part, with a report of what is missing, unexpected or of another shape', async () => {
    const wider = open(9);
    await wider.run(input);
    const source = new Map<string, Tensor>([
      ['dense2.bias', tensor([1, 2, 3])],
      ['dense.bias', tensor([1, 2, 3])],
      ['head.bias', tensor([1])],
    ]);
    const report = await initializeFromPretrained(wider, source);
    expect(report).toEqual({
      matched: ['dense2.bias'],
      missing: ['dense.weight', 'dense2.weight'],
      unexpected: ['head.bias'],
      mismatched: ['dense.bias'],
    });
    expect([...wider.read('dense2.bias').data]).toEqual([1, 2, 3]);
    wider.dispose();
  });
});
