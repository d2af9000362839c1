/** Chapter G: dropout as an ensemble, noise, penalties on activations, and the switchboard. */
import {
  activeFractions,
  antiOverfitting,
  dropoutEnsemble,
  fit,
  functions,
  layers,
  losses,
  evaluate as measure,
  metrics,
  optimizers,
  Session,
  tensor,
} from '../../lib';
import { gradients } from '../../lib/compiler/differentiate';
import { hostNormal } from '../../lib/graph/philox';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { sum } from '../../lib/ops/reduce';
import { scan } from '../../lib/ops/scan';
import { constant, feed } from '../../lib/ops/source';
import { tensor64 } from '../../lib/reference';
import { gradientError } from '../../lib/reference/gradient-check';
import { expectHand } from '../closeness';
import { refusal } from '../io/refusal';
import { newTrace, traced } from '../pure/tracing';
import { norm, tested, train, trained, validation } from './digits-network';
import { numbers } from './numbers';

const { groups, sgd } = optimizers;
const { activityPenalty, dense, dropout, flatten, gaussianNoise, relu, sequential } = layers;

describe('G-07 dropout as an ensemble', () => {
  test('of a softmax layer the geometric mean over all masks is the scaled output', () => {
    const inputs = [0.3, -1, 2, 0.7, -0.4, 1.1];
    const weights = Array.from({ length: 18 }, (_, i) => Math.sin(i * i + 1));
    const scores = (kept: (i: number) => number) =>
      [0, 1, 2].map((k) => inputs.reduce((total, x, i) => total + kept(i) * x * (weights[3 * i + k] as number), 0));
    const softmax = (z: readonly number[]) => numbers(functions.softmax(constant([...z])));
    const logs = [0, 0, 0];
    for (let mask = 0; mask < 64; mask++) {
      const p = softmaxOf(scores((i) => (mask >> i) & 1));
      logs.forEach((total, k) => {
        logs[k] = total + Math.log(p[k] as number) / 64;
      });
    }
    const mean = softmaxOf(logs);
    const scaled = softmaxOf(scores(() => 0.5));
    mean.forEach((value, k) => {
      expect(value).toBeCloseTo(scaled[k] as number, 12);
    });
    const layer = traced(dropout(0.5, { inverted: false }), constant(inputs), false).y;
    expectHand(
      numbers(layer),
      inputs.map((x) => x / 2),
    );
    expectHand(softmax(scores(() => 0.5)), scaled);
  });

  test('the mean over thinned networks nears the scaled network, and tells how much they differ', async () => {
    const session = new Session(sequential(dropout(0.5), dense(4)), { seed: 2 });
    const x = tensor(hostNormal([1, 1], 24), [3, 8]);
    const scaled = await session.run(x);
    const { mean, deviation } = await dropoutEnsemble(session, x, { passes: 400 });
    expect(mean.shape).toEqual([3, 4]);
    mean.data.forEach((value: number, i: number) => {
      const spread = deviation.data[i] as number;
      expect(spread).toBeGreaterThan(0);
      expect(Math.abs(value - (scaled.data[i] as number))).toBeLessThanOrEqual((4.5 * spread) / Math.sqrt(400));
    });
    expect((await dropoutEnsemble(session, x, { passes: 400 })).mean.data).toEqual(mean.data);
    expect(await session.run(x)).toEqual(scaled);
    const { mean: shares } = await dropoutEnsemble(session, x, { passes: 3, transform: functions.softmax });
    expect(
      (shares.data[0] as number) + (shares.data[1] as number) + (shares.data[2] as number) + (shares.data[3] as number),
    ).toBeCloseTo(1, 5);
    await expect(dropoutEnsemble(session, x, { passes: 0 })).rejects.toThrow(refusal('VALUE', 'the passes'));
    session.dispose();
  });
});

describe('G-08 noise', () => {
  test('in training of its deviation, in evaluation none', () => {
    const zeros = constant({ dtype: 'float32', shape: [100, 400], data: new Float32Array(40_000) });
    const noisy = numbers(traced(gaussianNoise(0.3), zeros).y);
    expect(Math.abs(norm(noisy) / Math.sqrt(40_000) / 0.3 - 1)).toBeLessThanOrEqual(0.02);
    expect(traced(gaussianNoise(0.3), zeros, false).y).toBe(zeros);
    expect(traced(gaussianNoise(0), zeros).y).toBe(zeros);
    expect(() => gaussianNoise(-1)).toThrow(refusal('VALUE', 'gaussianNoise: expected std'));
  });
});

describe('G-09 activity', () => {
  test('lambda * (sum of |a|) / N joins the loss, with a gradient', () => {
    const x = feed('x', [2, 3]);
    const { trace, y } = traced(activityPenalty(0.5), x);
    expect(y).toBe(x);
    const [penalty] = trace.penalties as [Value];
    const feeds = new Map([['x', tensor64([1, -2, 3, 0.5, -0.25, 4], [2, 3])]]);
    expect(gradientError(penalty, [x], feeds)).toBeLessThanOrEqual(1e-6);
    const { trace: given } = traced(
      activityPenalty(0.5),
      constant([
        [1, -2, 3],
        [0, 0, 4],
      ]),
    );
    expectHand(numbers(given.penalties[0] as Value), [2.5]);
    expect(traced(activityPenalty(0.5), x, false).trace.penalties).toEqual([]);
    expect(gradients(sum(y), [x])).toHaveLength(1);
  });

  // The reference has active fractions of 0.66, 0.48 and 0.13 and accuracies of 0.944 to 0.961.
  test('fewer units answer as lambda grows, and the digits are read as well', async () => {
    const found: number[] = [];
    for (const lambda of [0, 1e-3, 1e-2]) {
      const { session, accuracy } = await trained({ behind: activityPenalty(lambda) });
      found.push((await activeFractions(session, tested.input)).activityPenalty as number);
      expect(accuracy).toBeGreaterThanOrEqual(0.92);
      session.dispose();
    }
    expect(found[1]).toBeLessThan(0.9 * (found[0] as number));
    expect(found[2]).toBeLessThan(0.6 * (found[1] as number));
  });

  test('what it refuses', async () => {
    expect(() => activityPenalty(-1)).toThrow(refusal('VALUE', 'activityPenalty: expected lambda'));
    const session = new Session(dense(2));
    await expect(activeFractions(session, tensor([[1, 2]]))).rejects.toThrow(refusal('STATE', "'activityPenalty'"));
    session.dispose();
    const scope = new Scope(newTrace(), 'own');
    expect(() => scope.penalize(constant([1, 2]))).toThrow(
      refusal('SHAPE', 'own: expected the penalty to be a scalar'),
    );
    const cell = (state: Value) => {
      scope.penalize(sum(state));
      return { state, output: state };
    };
    expect(() => scan(cell, constant([[0]]), { x: constant([[[1], [2]]]) })).toThrow(
      refusal('STATE', 'own: expected a penalty to be made outside of the cell of a scan'),
    );
  });
});

describe('G-10 the switchboard', () => {
  const partsOf = (options: Parameters<typeof antiOverfitting>[0]) => {
    const made = antiOverfitting(options);
    const { trace, shapes } = traced(made.block(dense(4), relu()), [8, 3]);
    const plain = sgd({ rate: 0.1 });
    return {
      parts: made.parts,
      penalty: Boolean(made.regularizer),
      constrained: made.optimizer(plain) !== plain,
      normalized: 'batchNorm.mean' in shapes,
      thinned: Reflect.get(trace, 'streams') === 1,
      fit: Object.keys(made.fit),
      noisy:
        numbers(made.loss(constant([[3, 0]]), constant(Int32Array.of(0))))[0] !==
        numbers(losses.crossEntropy()(constant([[3, 0]]), constant(Int32Array.of(0))))[0],
    };
  };
  const off = {
    parts: [],
    penalty: false,
    constrained: false,
    normalized: false,
    thinned: false,
    fit: [],
    noisy: false,
  };
  const augment = (images: Value) => images;

  test.each([
    [{}, {}],
    [{ l1: 1e-4 }, { penalty: true }],
    [{ l2: 1e-4 }, { penalty: true }],
    [{ maxNorm: 3 }, { constrained: true }],
    [{ batchNorm: true }, { normalized: true }],
    [{ dropout: 0.5 }, { thinned: true }],
    [{ earlyStopping: {} }, { fit: ['earlyStopping'] }],
    [{ augment }, { fit: ['augment'] }],
    [{ labelNoise: 0.1 }, { noisy: true }],
    [{ batchNorm: false, dropout: 0, l2: 0 }, { parts: [] }],
  ])('%p switches on just that', (options, on) => {
    expect(partsOf(options)).toEqual({ ...off, parts: Object.keys(options), ...on });
  });

  test('all at once', () => {
    const all = {
      l1: 1e-4,
      l2: 1e-4,
      maxNorm: 3,
      batchNorm: true,
      dropout: 0.5,
      earlyStopping: {},
      augment,
      labelNoise: 0.1,
    };
    expect(partsOf(all)).toEqual({
      parts: ['augment', 'batchNorm', 'dropout', 'earlyStopping', 'l1', 'l2', 'labelNoise', 'maxNorm'],
      penalty: true,
      constrained: true,
      normalized: true,
      thinned: true,
      fit: ['earlyStopping', 'augment'],
      noisy: true,
    });
  });

  test('a model trains with all of it', async () => {
    const made = antiOverfitting({
      l2: 1e-4,
      l1: 1e-6,
      maxNorm: 4,
      batchNorm: true,
      dropout: 0.2,
      labelNoise: 0.05,
      earlyStopping: { patience: 3 },
    });
    const session = new Session(sequential(flatten(), made.block(dense(64), relu()), dense(10)), {
      loss: made.loss,
      regularizer: made.regularizer,
      optimizer: made.optimizer(groups(sgd({ rate: 0.05, momentum: 0.9 }))),
      metrics: { accuracy: metrics.accuracy() },
    });
    await fit(session, train, { epochs: 8, validation, ...made.fit });
    expect((await measure(session, tested)).accuracy).toBeGreaterThan(0.9);
    session.dispose();
  });

  test('what it refuses', () => {
    expect(() => antiOverfitting({ decay: 1 } as never)).toThrow(refusal('OPTION', "'decay'"));
    expect(() => antiOverfitting({ dropout: 1 })).toThrow(refusal('VALUE', 'antiOverfitting: expected dropout'));
    expect(() => antiOverfitting({ augment: true as never })).toThrow(refusal('OPTION', 'augment'));
  });
});

/** Softmax in float64 on the host. */
function softmaxOf(z: readonly number[]): number[] {
  const powers = z.map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}
