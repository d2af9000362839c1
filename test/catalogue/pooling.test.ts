/** Chapter L, pooling: p-norms, random pixels, unpooling, and convolutions in its place. */
import { cnn, data, evaluate as evaluateSession, fit, layers, losses, metrics, optimizers, Session } from '../../lib';
import { gradients } from '../../lib/compiler/differentiate';
import { lpPool, stochasticPool } from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import { maxPoolWithIndices, maxUnpool } from '../../lib/ops';
import { broadcastTo, maximum, mul } from '../../lib/ops/elementwise';
import { maxPool } from '../../lib/ops/pool';
import { randomNormal } from '../../lib/ops/random';
import { sum } from '../../lib/ops/reduce';
import { reshape } from '../../lib/ops/shape';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectClose, expectHand, F32 } from '../closeness';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';
import { key, traced } from '../pure/tracing';
import { image, numbers, slope } from './numbers';

const window = (...values: number[]): Value => reshape(constant(values), [1, 2, 2, 1]);
const waves = (count: number, offset = 0): number[] =>
  Array.from({ length: count }, (_, i) => offset + Math.sin(i * i + 1));

describe('L-07 Lp pooling', () => {
  const x = window(1, 2, 3, 4);

  test.each([
    [1, 10],
    [2, 5.477226],
    [4, 4.337613],
    [16, 4.002498],
    [64, 4],
    [Number.POSITIVE_INFINITY, 4],
  ])('p = %d over (1, 2, 3, 4)', (p, expected) => expectHand(numbers(lpPool(x, { window: 2, p })), [expected]));

  test('the form of means', () => {
    expectHand(numbers(lpPool(x, { window: 2, form: 'mean' })), [2.738613]);
    expectHand(numbers(lpPool(x, { window: 2, p: 1, form: 'mean' })), [2.5]);
  });

  test('p = Infinity is the maximum of magnitudes', () => {
    const drawn = mul(randomNormal(key, [2, 6, 6, 3]), randomNormal(key, [2, 6, 6, 3]));
    const [norm, largest] = evaluate([lpPool(drawn, { window: 2, p: Infinity }), maxPool(drawn, { window: 2 })]);
    expect(norm?.data).toEqual(largest?.data);
  });

  test('no power overflows, and padding counts as 0', () => {
    expectHand(numbers(lpPool(window(3e30, 0, 0, 4e30), { window: 2 })), [5e30]);
    expectHand(numbers(lpPool(window(1, 2, 3, 4), { window: 2, padding: 1 })), [1, 2, 3, 4]);
  });

  test('windows of zeros give 0 without a gradient', () => {
    const zeros = window(0, 0, 0, 0);
    const y = lpPool(zeros, { window: 2, p: 3 });
    expect([numbers(y), slope(reshape(y, []), zeros)]).toEqual([[0], [0, 0, 0, 0]]);
  });

  test.each([1, 2, 3, 5.5])('the gradient for p = %d agrees with finite differences', (p) => {
    const input = feed('x', [2, 4, 5, 3]);
    const feeds = new Map([['x', tensor64(waves(120), [2, 4, 5, 3])]]);
    for (const options of [{ window: 2 }, { window: 3, stride: 1, padding: 1 }]) {
      const y = lpPool(input, { ...options, p });
      const loss = sum(
        mul(
          y,
          constant({
            dtype: 'float32',
            shape: y.shape,
            data: Float32Array.from(waves(y.shape.reduce((a, b) => a * b))),
          }),
        ),
      );
      expect(gradientError(loss, [input], feeds)).toBeLessThanOrEqual(1e-6);
    }
  });

  test('what it refuses', () => {
    expect(() => lpPool(x, { window: 2, p: 0.5 })).toThrow(
      refusal('VALUE', 'lpPool: expected p to be at least 1 but got 0.5'),
    );
    expect(() => layers.lpPool(2, { form: 'max' as never })).toThrow(
      refusal('OPTION', "lpPool: expected form to be one of sum, mean but got 'max'"),
    );
    expect(() => lpPool(constant([1, 2]), { window: 2 })).toThrow(refusal('SHAPE', '[N, H, W, C]'));
    expect(() => lpPool(x, { window: 2, ceil: true } as never)).toThrow(refusal('OPTION', "'ceil'"));
  });
});

describe('L-08 stochastic pooling', () => {
  const count = 100_000;
  const many = broadcastTo(window(1, 2, 3, 4), [count, 2, 2, 1]);

  test('tested: sum a^2 / sum a, and 0 where all are 0 or less', () => {
    expectHand(numbers(stochasticPool(window(1, 2, 3, 4), undefined, { window: 2 })), [3]);
    expect(numbers(stochasticPool(window(0, -1, 0, -2), undefined, { window: 2 }))).toEqual([0]);
  });

  test('trained: every pixel in proportion to its activation, the same for the same key', async () => {
    const draw = async () => [...((await runNative([stochasticPool(many, key, { window: 2 })], {}))[0]?.data ?? [])];
    const drawn = await draw();
    const mean = drawn.reduce((a, b) => a + b) / count;
    expect(Math.abs(mean - 3)).toBeLessThanOrEqual(0.02);
    [0.1, 0.2, 0.3, 0.4].forEach((share, i) => {
      const found = drawn.filter((value) => value === i + 1).length / count;
      expect(Math.abs(found - share)).toBeLessThanOrEqual(0.01);
    });
    expect(await draw()).toEqual(drawn);
  });

  test('the gradient goes to the pixel that was drawn, and nowhere in a window of zeros', () => {
    const x = constant({
      dtype: 'float32',
      shape: [1, 4, 6, 1],
      data: Float32Array.from({ length: 24 }, (_, i) => (i % 6 < 2 ? 0 : i)),
    });
    const y = stochasticPool(x, key, { window: 2 });
    const given = numbers(x);
    const upstream = constant({ dtype: 'float32', shape: y.shape, data: Float32Array.from([1, 2, 3, 4, 5, 6]) });
    const dx = numbers(gradients(y, [x], upstream)[0] as Value);
    const pooled = numbers(y);
    expect(pooled.filter((_, i) => i % 3 === 0)).toEqual([0, 0]);
    const expected = given.map((value, i) => {
      const at = Math.floor(i / 12) * 3 + Math.floor((i % 6) / 2);
      return value > 0 && value === pooled[at] ? at + 1 : 0;
    });
    expect(dx).toEqual(expected);
    expect(dx.filter((g) => g > 0)).toHaveLength(4);
  });

  test('natively the same pixels are drawn', async () => {
    const x = maximum(randomNormal(key, [3, 9, 9, 5]), 0);
    const y = stochasticPool(x, key, { window: 3, stride: 2, padding: 1 });
    const [computed] = await runNative([y], {});
    expectClose(computed as never, evaluate([y])[0] as never, F32);
  });

  test('as a layer it draws while training alone', () => {
    const pool = layers.stochasticPool(2);
    expectHand(numbers(traced(pool, window(1, 2, 3, 4), false).y), [3]);
    expect([1, 2, 3, 4]).toContain(numbers(traced(pool, window(1, 2, 3, 4), true).y)[0]);
    expect(() => layers.stochasticPool(2, { ceil: true } as never)).toThrow(refusal('OPTION', "'ceil'"));
    expect(() => stochasticPool(constant([1]), key, { window: 2 })).toThrow(refusal('SHAPE', '[N, H, W, C]'));
  });
});

describe('L-15 max-unpooling', () => {
  test('values return to where they stood', () => {
    const { values, indices } = maxPoolWithIndices(image(4, 4), { window: 2 });
    expect(numbers(maxUnpool(values, indices, 4))).toEqual([0, 0, 0, 0, 0, 6, 0, 8, 0, 0, 0, 0, 0, 14, 0, 16]);
  });

  test('its gradient takes what stands there', () => {
    const { indices } = maxPoolWithIndices(image(2, 4), { window: 2 });
    const values = reshape(constant([1, 2]), [1, 1, 2, 1]);
    const back = gradients(maxUnpool(values, indices, [2, 4]), [values], image(2, 4, 10))[0] as Value;
    expect(numbers(back)).toEqual([15, 17]);
  });

  test('indices of another shape are refused', () => {
    const { values } = maxPoolWithIndices(image(4, 4), { window: 2 });
    expect(() => maxUnpool(values, constant(Int32Array.of(1)), 4)).toThrow(refusal('SHAPE', 'the indices'));
    expect(() => maxUnpool(values, values, 0)).toThrow(refusal('VALUE', 'maxUnpool: expected the size'));
  });
});

describe('L-17 strided convolutions in place of pooling', () => {
  const network = () => cnn({ filters: [8, 16], hidden: 0, dropout: 0 });

  test('every shape stays, and the new weights stand where the pooling stood', () => {
    const [plain, all] = [network(), layers.replacePooling(network())].map((model) => traced(model, [2, 8, 8, 1]));
    expect(all?.y.shape).toEqual(plain?.y.shape);
    const {
      'maxPool.weight': first,
      'maxPool.bias': bias,
      'maxPool2.weight': second,
      'maxPool2.bias': _,
      ...rest
    } = all?.shapes ?? {};
    expect([first, bias, second]).toEqual([[2, 2, 8, 8], [8], [2, 2, 16, 16]]);
    expect(rest).toEqual(plain?.shapes);
  });

  test('average pooling too; outside, pooling is as it was', () => {
    const pool = layers.averagePool(3, { stride: 1, padding: 1 });
    expect(traced(layers.replacePooling(pool), [1, 5, 5, 2]).shapes).toEqual({
      'averagePool.weight': [3, 3, 2, 2],
      'averagePool.bias': [2],
    });
    expect(traced(pool, [1, 5, 5, 2]).shapes).toEqual({});
    expect(() => traced(layers.replacePooling(layers.maxPool(2, { ceil: true })), [1, 5, 5, 2])).toThrow(
      refusal('OPTION', "maxPool: expected the option 'ceil'"),
    );
  });

  // SGD 0.05 with momentum 0.9, batch 32, 15 epochs; the reference reaches 0.983.
  test('the all-convolutional network reads digits', async () => {
    const { train, test: tested } = data.digitsSplit();
    const session = new Session(layers.replacePooling(network()), {
      loss: losses.crossEntropy(),
      metrics: { accuracy: metrics.accuracy() },
      optimizer: optimizers.sgd({ rate: 0.05, momentum: 0.9 }),
      seed: 1,
    });
    await fit(session, train, { epochs: 15, batchSize: 32 });
    expect((await evaluateSession(session, tested)).accuracy).toBeGreaterThanOrEqual(0.96);
    session.dispose();
  });
});
