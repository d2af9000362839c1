/** S-10: the loss and the metrics of padded sequences. */
import { gradients } from '../../lib/compiler/differentiate';
import { sequenceCrossEntropy } from '../../lib/losses';
import { sequenceAccuracy, symbolAccuracy } from '../../lib/metrics';
import { mean } from '../../lib/ops/reduce';
import { constant, feed } from '../../lib/ops/source';
import { expectClose, F64 } from '../closeness';
import { noise } from '../golden/golden';
import { runNative } from '../native-run';
import { numbers, result, slope } from './numbers';
import { ints, lengths, value } from './sequence-pairs';

const [N, K] = [3, 5];
const counts = [4, 2, 1];
const labels = [[1, 4, 0, 2], [3, 3], [2]];
const drawn = noise(7, [N, 4, K]).data;

/** The same logits and symbols in `steps` steps, with something else at the padding. */
function padded(steps: number, filling: number, symbol: number) {
  const logits = new Float32Array(N * steps * K).fill(filling);
  counts.forEach((count, n) => {
    for (let i = 0; i < count * K; i++) logits[n * steps * K + i] = drawn[n * 4 * K + i] as number;
  });
  const symbols = ints(labels.map((row) => [...row, ...new Array<number>(steps - row.length).fill(symbol)]));
  const mask = Uint8Array.from({ length: N * steps }, (_, i) =>
    Number(i % steps < (counts[Math.floor(i / steps)] as number)),
  );
  return {
    logits: { dtype: 'float32', shape: [N, steps, K], data: logits },
    target: { symbols: value(symbols), lengths: value(lengths(...counts)) },
    masked: { symbols: value(symbols), mask: constant({ dtype: 'bool', shape: [N, steps], data: mask }) },
  } as const;
}

const paddings = [padded(4, 0, 0), padded(4, 9, 4), padded(4, -3, -1), padded(7, 1, 77), padded(33, 5, 0)];
const criteria = { loss: sequenceCrossEntropy(), symbol: symbolAccuracy(), whole: sequenceAccuracy() };

test('the mean over all symbols that count, of any example', () => {
  const { logits, target } = padded(4, 0, 0);
  const rows = labels.flatMap((row, n) =>
    row.map((label, t) => [label, [...drawn.slice((4 * n + t) * K, (4 * n + t + 1) * K)]] as const),
  );
  const each = rows.map(([label, z]) => Math.log(z.map(Math.exp).reduce((a, b) => a + b)) - (z[label] as number));
  const expected = each.reduce((a, b) => a + b) / 7;
  expectClose(result(mean(criteria.loss(constant(logits), target))), { shape: [], data: [expected] }, F64);
});

test.each(Object.entries(criteria))('%s: padding changes no bit, natively', async (_, criterion) => {
  const runs = paddings.flatMap(({ logits, target, masked }) => [
    mean(criterion(constant(logits), target)),
    mean(criterion(constant(logits), masked)),
  ]);
  const [first, ...others] = await runNative(runs, {});
  for (const other of others) expect(other.data).toEqual(first?.data);
});

test('padding changes no bit of a gradient and has none, natively', async () => {
  const slopes = await Promise.all(
    paddings.map(async ({ logits, target }) => {
      const z = feed('logits', logits.shape);
      const [gradient] = await runNative(gradients(mean(criteria.loss(z, target)), [z]), { logits: logits as never });
      const steps = logits.shape[1];
      return counts.map((count, n) => {
        const row = [...(gradient?.data.slice(n * steps * K, (n + 1) * steps * K) ?? [])];
        expect(row.slice(count * K).every((g) => g === 0)).toBe(true);
        return row.slice(0, count * K);
      });
    }),
  );
  for (const other of slopes) expect(other).toEqual(slopes[0]);
});

test('without lengths every symbol counts', () => {
  const full = value(
    ints([
      [1, 2],
      [0, 4],
      [3, 3],
    ]),
  );
  const logits = constant({ dtype: 'float32', shape: [3, 2, K], data: Float32Array.from(noise(1, [30]).data) });
  const whole = criteria.loss(logits, full);
  expect(numbers(mean(whole))).toEqual(
    numbers(mean(criteria.loss(logits, { symbols: full, lengths: value(lengths(2, 2, 2)) }))),
  );
  expect(slope(mean(whole), logits).filter((g) => g === 0)).toEqual([]);
});

test('a batch in which nothing counts has the loss 0', () => {
  const none = constant({ dtype: 'bool', shape: [1, 2], data: new Uint8Array(2) });
  const logits = constant({ dtype: 'float32', shape: [1, 2, K], data: new Float32Array(2 * K) });
  expect(numbers(criteria.loss(logits, { symbols: value(ints([[0, 0]])), mask: none }))).toEqual([0]);
});

test('metrics count symbols, and whole sequences', () => {
  const hot = (classes: readonly number[]) =>
    classes.flatMap((label) => [0, 1, 2, 3, 4].map((k) => Number(k === label)));
  const logits = constant({ dtype: 'float32', shape: [2, 3, K], data: Float32Array.from(hot([1, 2, 0, 4, 0, 3])) });
  const target = {
    symbols: value(
      ints([
        [1, 2, 3],
        [4, 1, 3],
      ]),
    ),
    lengths: value(lengths(2, 3)),
  };
  expect(numbers(mean(criteria.symbol(logits, target)))).toEqual([4 / 5]);
  expect(numbers(criteria.whole(logits, target))).toEqual([1, 0]);
});
