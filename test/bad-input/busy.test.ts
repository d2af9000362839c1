/** Sessions at the wrong moment: while a run is in flight, and after dispose(). The first run is never disturbed. */
import { evaluate, fit, info, predict, type Session, setThreads, tensor } from '../../lib';
import { examples, expectRefusal, input, opened, residents, states, target } from './small';

const long = { epochs: 2000, batchSize: 4 };

/** Starts a long fit, does `work` in the middle of it, stops the fit, and gives the session that is left. */
async function during(work: (session: Session) => Promise<unknown>): Promise<Session> {
  const session = await opened();
  const controller = new AbortController();
  const training = fit(session, examples, { ...long, signal: controller.signal }).catch((error) => error);
  await new Promise((resolve) => setTimeout(resolve, 30));
  while (!session.executor.store.native.busy) await new Promise((resolve) => setImmediate(resolve));
  await work(session);
  controller.abort();
  expect((await training).code).toBe('ABORTED');
  return session;
}

const requests: [string, (session: Session) => unknown][] = [
  ['a step', (session) => session.step(input, target)],
  ['a prediction', (session) => session.run(input)],
  ['a measure', (session) => session.measure(input, target)],
  ['a second fit', (session) => fit(session, examples, { batchSize: 4 })],
  ['an evaluation', (session) => evaluate(session, examples)],
  ['reading', (session) => session.read('dense.weight')],
  ['writing', (session) => session.write('dense.bias', tensor(new Float32Array(8)))],
  ['saving', (session) => session.save('/nowhere/busy.safetensors')],
];

describe('while fit is running', () => {
  test.each(requests)('%s is refused', async (_, request) => {
    const session = await during((busy) => expectRefusal(() => request(busy), 'BUSY', 'run is in flight'));
    expect(residents(session)).toEqual([]);
    expect((await session.step(input, target)).loss).toBeGreaterThan(0);
    session.dispose();
  });

  test('what is refused leaves no memory behind', async () => {
    const session = await opened();
    await fit(session, examples, { epochs: 1, batchSize: 4 });
    const { bytes } = session.executor.store;
    session.dispose();
    const refused = await during(async (busy) => {
      for (let i = 0; i < 5; i++) await fit(busy, examples, { batchSize: 4 }).catch(() => undefined);
    });
    await fit(refused, examples, { epochs: 1, batchSize: 4 });
    expect(refused.executor.store.bytes).toBe(bytes);
    refused.dispose();
  });

  test('a run that gets in between two calls of fit ends it with BUSY, and nothing is lost', async () => {
    const session = await opened();
    let other: Promise<unknown> | undefined;
    const training = fit(session, examples, {
      ...long,
      onProgress: () => {
        other ??= session.step(input, target);
      },
    });
    const [first, second] = await Promise.allSettled([training, other ?? training]);
    expect([first.status, second.status]).toContain('rejected');
    await other?.catch(() => undefined);
    expect(residents(session)).toEqual([]);
    await fit(session, examples, { epochs: 1, batchSize: 4 });
    session.dispose();
  }, 20_000);

  test('the number of threads stays what it is', async () => {
    const { threads } = info();
    setThreads(1);
    const session = await during(async () => {
      const refused = await new Promise<string>((resolve) => {
        try {
          setThreads(2);
          resolve('none');
        } catch (error) {
          resolve((error as { code: string }).code);
        }
      });
      // Between two steps of the queue the pool may be idle for a moment; then the new number holds.
      expect([refused, info().threads]).toEqual(refused === 'BUSY' ? ['BUSY', 1] : ['none', 2]);
    });
    session.dispose();
    setThreads(threads);
  });
});

describe('after dispose()', () => {
  const disposed = async (): Promise<Session> => {
    const session = await opened();
    session.dispose();
    return session;
  };

  test.each([
    ...requests,
    ['predicting', (session: Session) => predict(session, input)],
    ['loading', (session: Session) => session.load('/nowhere/disposed.safetensors')],
  ] as typeof requests)('%s is refused', async (_, request) => {
    const session = await disposed();
    await expectRefusal(() => request(session), 'DISPOSED', 'one that was disposed');
  });

  test('in the middle of fit: it ends with DISPOSED', async () => {
    const session = await opened();
    const training = fit(session, examples, long);
    setTimeout(() => session.dispose(), 30);
    await expectRefusal(() => training, 'DISPOSED');
  });

  test('in the middle of a step: the step finishes', async () => {
    const session = await opened();
    const step = session.step(input, target);
    session.dispose();
    await step.catch(({ code }) => expect(code).toBe('DISPOSED'));
  });
});

test('a signal that is aborted already stops fit before its first step', async () => {
  const session = await opened();
  const before = states(session);
  await expectRefusal(() => fit(session, examples, { batchSize: 4, signal: AbortSignal.abort() }), 'ABORTED');
  expect(states(session)).toEqual(before);
  expect(residents(session)).toEqual([]);
  session.dispose();
});
