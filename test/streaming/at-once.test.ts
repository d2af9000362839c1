/** Short runs are done at once, but never so many that the event loop waits. */
import { ops, Program, Session, Store, type Stream, type StreamingModel, tensor } from '../../lib';
import { feed, state } from '../../lib/ops/source';
import { refusal } from '../io/refusal';
import { languageModel } from './recurrent';

const session = new Session(languageModel(7, 3, 4));
let model: StreamingModel;
let stream: Stream;

beforeAll(async () => {
  model = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
  stream = await model.stream();
});
afterAll(() => {
  model.dispose();
  session.dispose();
});

test('timers run while steps are awaited', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 2);
  const began = performance.now();
  while (performance.now() - began < 400) await stream.step(Int32Array.of(3));
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
});

test('a run at once gives what a run elsewhere gives, and refuses what it refuses', async () => {
  const store = new Store();
  store.declare('total', { dtype: 'float32', shape: [] });
  const total = state('total', []);
  const x = feed('x', [3]);
  const next = ops.add(total, ops.sum(x));
  const row = ops.gather(x, ops.cast(feed('i', [1]), 'int32'));
  const spec = { outputs: { next, row }, feeds: [x, feed('i', [1])], updates: [{ state: total, next }] };
  const program = new Program(store, spec);
  const feeds = { x: tensor([1, 2, 3]), i: tensor([1]) };
  const sums: number[] = [];
  const run = async () => {
    const { outputs } = await program.runSoon(feeds);
    sums.push(outputs.next?.data[0] as number);
    expect([...(outputs.row?.data ?? [])]).toEqual([2]);
  };
  for (let i = 0; i < 20; i++) await run();
  expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => 6 * (i + 1)));
  const two = await program.runSoon({ x: Float32Array.of(1, 1, 1, 2, 2, 2), i: Float32Array.of(0, 2) }, 2);
  expect([...(two.outputs.next?.data ?? [])]).toEqual([123, 129]);
  await expect(program.runSoon({ ...feeds, i: tensor([3]) })).rejects.toThrow(refusal('VALUE', 'gather', '3'));
  await expect(program.runSoon({ x: feeds.x })).rejects.toThrow(refusal('SHAPE', 'feed i'));
  expect(store.read('total').data[0]).toBe(129);
  const waiting = program.run(feeds);
  await expect(program.runSoon(feeds)).rejects.toThrow(refusal('BUSY', 'second run'));
  await waiting;
  program.dispose();
  await expect(program.runSoon(feeds)).rejects.toThrow(refusal('DISPOSED'));
  store.dispose();
});
