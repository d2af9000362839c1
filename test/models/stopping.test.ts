/** What a session holds when fit ends early: whole steps after a signal, the best epoch after early stopping. */
import { data, evaluate, fit, layers, losses, metrics, optimizers, Session } from '../../lib';

const { train, validation } = data.digitsSplit();
const { dense, dropout, flatten, relu, sequential } = layers;

const open = () =>
  new Session(sequential(flatten(), dense(24), relu(), dropout(0.2), dense(10)), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.01 }),
    seed: 8,
  });

const states = (session: Session) =>
  new Map(session.declarations().map(({ path }) => [path, [...session.read(path).data]] as const));

const batchSize = 8;
const perEpoch = Math.ceil(train.size / batchSize);

/** The same steps, one by one, each with its own call. */
async function stepped(count: number): Promise<ReturnType<typeof states>> {
  const session = open();
  for (let step = 0; step < count; step++) {
    const start = (step % perEpoch) * batchSize;
    const rows = Array.from({ length: Math.min(batchSize, train.size - start) }, (_, i) => start + i);
    const { input, target } = data.subset(train, rows);
    await session.step(input, target);
  }
  const made = states(session);
  session.dispose();
  return made;
}

test('an aborted fit holds the bits of a whole number of steps', async () => {
  const session = open();
  const controller = new AbortController();
  let seen = 0;
  const onProgress = () => {
    if (++seen === 12) setTimeout(() => controller.abort(), 3); // in the middle of a call of many steps
  };
  const options = { epochs: 1000, batchSize, shuffle: false, signal: controller.signal, onProgress };
  await expect(fit(session, train, options)).rejects.toMatchObject({ code: 'ABORTED' });
  const held = states(session);
  const [counter] = [...held.keys()].filter((path) => /^optimizer\..*(count|step)$/.test(path));
  const [count = 0] = held.get(counter as string) ?? [];
  expect(Number.isInteger(count) && count > 12).toBe(true);
  expect(held).toEqual(await stepped(count));
  session.dispose();
});

test('early stopping leaves the weights of the best epoch', async () => {
  const session = open();
  const earlyStopping = { patience: 2, monitor: 'accuracy', minDelta: 0.002 };
  const history = await fit(session, train, { epochs: 60, validation, earlyStopping });
  const best = history.epochs.filter((report) => report.best).at(-1);
  expect(history.stoppedEarly).toBe(true);
  expect(history.restoredEpoch).toBe(best?.epoch);
  expect(history.epochs.at(-1)?.epoch).toBe((best?.epoch ?? 0) + 2);
  const measured = await evaluate(session, validation);
  expect(measured.accuracy).toBeCloseTo(best?.validation?.accuracy ?? 0, 6);
  expect(measured.loss).toBeCloseTo(best?.validation?.loss ?? 0, 5);
  expect(measured.loss).not.toBeCloseTo(history.epochs.at(-1)?.validation?.loss ?? 0, 5);
  session.dispose();
});
