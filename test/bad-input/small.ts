/** A small session, small data, and what tests of misuse ask of an error. */
import {
  type ConvoltError,
  layers,
  losses,
  metrics,
  optimizers,
  Session,
  type SessionOptions,
  tensor,
} from '../../lib';
import { hostNormal } from '../../lib/graph/philox';

export const count = 36;
export const input = tensor(hostNormal([4, 2], count * 6), [count, 6]);
export const target = tensor(Int32Array.from({ length: count }, (_, i) => i % 3));
export const examples = { input, target };

export const open = (options: SessionOptions = {}): Session =>
  new Session(layers.sequential(layers.dense(8), layers.relu(), layers.dense(3)), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.01 }),
    ...options,
  });

/** A session that has taken a step, so that it has states to lose. */
export async function opened(options: SessionOptions = {}): Promise<Session> {
  const session = open(options);
  await session.step(input, target);
  return session;
}

/** Every parameter and state with its numbers. */
export const states = (session: Session): Map<string, number[]> =>
  new Map(session.declarations().map(({ path }) => [path, [...session.read(path).data]]));

/** Datasets that still live in the session. */
export const residents = (session: Session): string[] =>
  session.executor.store.paths().filter((path) => path.startsWith('data:'));

/** The error that `work` ends in: it must be typed, and speak one sentence that names `parts`. */
export async function expectRefusal(work: () => unknown, code: string, ...parts: readonly string[]): Promise<void> {
  let failure: ConvoltError | undefined;
  try {
    await work();
  } catch (error) {
    failure = error as ConvoltError;
  }
  expect([failure?.name, failure?.code]).toEqual(['ConvoltError', code]);
  expect(failure?.message).toMatch(/^.+: expected .+ to be .+ but got .+$|^fit: stopped/s);
  for (const part of parts) expect(failure?.message).toContain(part);
}
