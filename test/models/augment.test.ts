/** D-17: augmentation while training: replayed by the seed, at any thread count, from a checkpoint; and it helps. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cnn,
  data,
  evaluate,
  type FitOptions,
  fit,
  layers,
  losses,
  type Model,
  metrics,
  ops,
  optimizers,
  Session,
  setThreads,
  tensor,
  type Value,
} from '../../lib';
import { constant, feed } from '../../lib/ops/source';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';

const { train, test: testSet } = data.digitsSplit();
const shift = data.randomCrop({ padding: 1 });

const open = (model: Model = cnn({ filters: [8, 16], hidden: 0, dropout: 0 })) =>
  new Session(model, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.sgd({ rate: 0.02, momentum: 0.9 }),
    seed: 3,
  });

const few = data.take(train, 200);

/** The last layer's weights after training as `options` say. */
async function weightsAfter(options: FitOptions, session = open()): Promise<number[]> {
  await fit(session, few, { epochs: 1, ...options });
  return [...session.read('dense.weight').data];
}

describe('fit with augment', () => {
  test('one seed gives the same bits at any number of threads, other than without', async () => {
    const augment = data.compose(shift, data.randomFlip());
    setThreads(1);
    const one = await weightsAfter({ augment });
    setThreads(2);
    expect(await weightsAfter({ augment })).toEqual(one);
    expect(await weightsAfter({})).not.toEqual(one);
  });

  test('two epochs equal one, a checkpoint, and one more: bit for bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'convolt-'));
    const path = join(folder, 'half.safetensors');
    const whole = await weightsAfter({ epochs: 2, augment: shift });
    const half = open();
    await weightsAfter({ augment: shift }, half);
    await half.save(path);
    const resumed = open();
    await resumed.load(path);
    expect(await weightsAfter({ augment: shift }, resumed)).toEqual(whole);
    rmSync(folder, { recursive: true });
  });

  /** Gives the sum of the pixels of the first column as the only logit that counts. */
  const firstColumn = layers.layer('firstColumn', (x: Value, scope) => {
    const column = ops.slice(x, { begin: [0, 0, 0, 0], size: [x.shape[0] as number, 2, 1, 1] });
    const weight = scope.param('weight', [1, 1], (shape) => ops.broadcastTo(constant(1), shape));
    return ops.matmul(ops.reshape(ops.sum(column, { axes: [1, 2, 3] }), [-1, 1]), weight);
  });

  const pictures = data.dataset(tensor([1, 0, 1, 0, 1, 0, 1, 0], [2, 2, 2, 1]), tensor([0, 0], [2, 1]));
  const measured = () =>
    new Session(firstColumn, { loss: losses.absoluteError(), optimizer: optimizers.sgd({ rate: 1e-9 }) });

  test('changes what is trained on, but neither validation nor evaluation', async () => {
    const session = measured();
    const mirror = data.randomFlip({ probability: 1 });
    const { epochs } = await fit(session, pictures, { epochs: 1, batchSize: 2, augment: mirror, validation: pictures });
    expect(epochs[0]?.training.loss).toBe(0);
    expect(epochs[0]?.validation?.loss).toBeCloseTo(2, 6);
    expect((await evaluate(session, pictures)).loss).toBeCloseTo(2, 6);
    const later = await fit(session, pictures, { epochs: 1, batchSize: 2 });
    expect(later.epochs[0]?.training.loss).toBeCloseTo(2, 6);
  });

  test('of inputs by name is a function of all of them', async () => {
    const named = { input: { left: pictures.input, right: pictures.input }, target: pictures.target };
    const model: Model = ({ left, right }: Record<string, Value>, scope) =>
      firstColumn(ops.sub(left as Value, right as Value), scope);
    const session = new Session(model, { loss: losses.absoluteError(), optimizer: optimizers.sgd({ rate: 1e-9 }) });
    const augment = ({ left, right }: Record<string, Value>, key: Value) => ({
      left: data.randomFlip({ probability: 1 })(left as Value, key),
      right: right as Value,
    });
    const { epochs } = await fit(session, named, { epochs: 1, batchSize: 2, augment });
    expect(epochs[0]?.training.loss).toBeCloseTo(2, 6);
  });

  test('that is no function is refused', async () => {
    await expect(fit(open(), few, { augment: 'flip' as never })).rejects.toThrow(
      refusal('OPTION', 'fit: expected augment to be a function but got string'),
    );
  });
});

test('shifted pictures are recognised by a network that was trained on shifted pictures', async () => {
  const x = feed('x', testSet.input.shape);
  const [moved] = await runNative([shift(x, constant(tensor([1, 2], [2], 'int32')))], { x: testSet.input });
  const shifted = { input: moved as typeof testSet.input, target: testSet.target };
  const accuracyOf = async (options: FitOptions) => {
    const session = open();
    await fit(session, data.take(train, 400), { epochs: 30, batchSize: 32, ...options });
    const { accuracy } = await evaluate(session, shifted);
    session.dispose();
    return accuracy as number;
  };
  const [plain, augmented] = [await accuracyOf({}), await accuracyOf({ augment: shift })];
  expect(augmented).toBeGreaterThanOrEqual(plain + 0.2);
  expect(augmented).toBeGreaterThanOrEqual(0.8);
});
