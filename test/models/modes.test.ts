/** T-17: training and evaluation are two programs over the same states; neither disturbs the other. */
import { cnn, data, evaluate, losses, metrics, optimizers, predict, Session } from '../../lib';

const { train, validation } = data.digitsSplit();
const batch = (i: number) =>
  data.subset(
    train,
    Array.from({ length: 16 }, (_, j) => 16 * i + j),
  );

/** With everything that behaves differently in the two modes: dropout and batch normalisation. */
const open = (seed = 3) =>
  new Session(cnn({ filters: [4], hidden: 16, dropout: 0.5 }), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.01 }),
    seed,
  });

const step = (session: Session, i: number) => session.step(batch(i).input, batch(i).target);
const states = (session: Session) =>
  new Map(session.declarations().map(({ path }) => [path, [...session.read(path).data]] as const));

test('evaluating twice gives the same bits and changes no state', async () => {
  const session = open();
  for (let i = 0; i < 5; i++) await step(session, i);
  const before = states(session);
  const first = await evaluate(session, validation);
  const rows = await predict(session, validation.input);
  expect(await evaluate(session, validation)).toEqual(first);
  expect(await predict(session, validation.input)).toEqual(rows);
  expect(await session.measure(batch(0).input, batch(0).target)).toEqual(
    await session.measure(batch(0).input, batch(0).target),
  );
  expect(states(session)).toEqual(before);
  session.dispose();
});

test('training goes on after an evaluation as if there had been none', async () => {
  const [plain, watched] = [open(), open()];
  for (let i = 0; i < 6; i++) {
    const made = await step(watched, i);
    expect(made).toEqual(await step(plain, i));
    await evaluate(watched, validation);
    await watched.run(batch(0).input);
  }
  expect(states(watched)).toEqual(states(plain));
  plain.dispose();
  watched.dispose();
});

test('training drops activations anew in every step and uses the statistics of the batch', async () => {
  const session = new Session(cnn({ filters: [4], hidden: 16, dropout: 0.5 }), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ rate: 1e-30 }), // changes no weight
    seed: 3,
  });
  const [first, second] = [await step(session, 0), await step(session, 0)];
  expect(first.loss).not.toBe(second.loss);
  expect((await session.measure(batch(0).input, batch(0).target)).loss).not.toBe(second.loss);
  session.dispose();
});
