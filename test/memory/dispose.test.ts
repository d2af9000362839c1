/** dispose() and `using`: of everything that holds native memory, at any moment, as often as one likes. */
import { type InferenceModel, layers, Program, Session, Store, type StreamingModel, tensor } from '../../lib';
import { fedSource } from '../../lib/models/batch-source';
import { feed } from '../../lib/ops/source';
import { input, openTiny, target } from './tiny';

const frame = new Float32Array(4);

const predicting = async (): Promise<InferenceModel> => {
  using session = openTiny();
  return await session.compileForInference(input);
};

const streaming = async (): Promise<StreamingModel> => {
  using session = new Session(layers.sequential(layers.gru({ units: 8 }), layers.dense(2)));
  return await session.compileForStreaming({ dtype: 'float32', shape: [1, 1, 4] });
};

const program = (): Program => {
  const x = feed('x', [2]);
  return new Program(new Store(), { outputs: { x }, feeds: [x] });
};

/** What is made, and a use of it that is refused once it is disposed. */
const holders: [string, () => Promise<Disposable & { dispose(): void }>, (holder: never) => unknown][] = [
  ['a session', async () => openTiny(), (session: Session) => session.run(input)],
  ['an inference model', predicting, (model: InferenceModel) => model.predict(input)],
  ['a streaming model', streaming, (model: StreamingModel) => model.stream()],
  [
    'a stream',
    async () => (await streaming()).stream(),
    (stream: { step(x: Float32Array): unknown }) => stream.step(frame),
  ],
  ['a store', async () => new Store(), (store: Store) => store.declare('x', { dtype: 'float32', shape: [1] })],
  ['a program', async () => program(), (made: Program) => made.run({ x: frame.subarray(2) })],
  ['the times of a program', async () => program(), (made: Program) => made.profile()],
];

test.each(holders)('%s is disposed of at the end of its block, and no sooner', async (_, make, use) => {
  let left: never;
  {
    using holder = await make();
    left = holder as never;
    await use(left);
  }
  const complaint = {
    name: 'ConvoltError',
    code: 'DISPOSED',
    message: expect.stringMatching(/: expected .* but got /),
  };
  const used = async () => use(left);
  await expect(used()).rejects.toMatchObject(complaint);
  (left as { dispose(): void }).dispose();
  await expect(used()).rejects.toMatchObject(complaint);
});

test('a run in flight finishes, and its promise resolves', async () => {
  const session = openTiny();
  await session.step(input, target);
  const { store } = session.executor;
  const program = await session.trainingProgram(fedSource(input, target));
  const many = 3000;
  const repeated = (data: ArrayLike<number>, made: Float32Array | Int32Array) => {
    for (let i = 0; i < many; i++) made.set(data, i * data.length);
    return made;
  };
  const run = program.run(
    {
      input: repeated(input.data as Float32Array, new Float32Array(many * input.data.length)),
      target: repeated(target.data as Int32Array, new Int32Array(many * target.data.length)),
    },
    many,
  );
  expect(store.native.busy).toBe(true);
  session.dispose();
  expect([store.native.busy, store.bytes > 0]).toEqual([true, true]);
  expect((await run).iterations).toBe(many);
  expect([store.native.busy, store.bytes]).toEqual([false, 0]);
});

test('predictions that wait behind one under way are refused', async () => {
  const model = await predicting();
  const [first, second] = [model.predict(input), model.predict(input)];
  const outcomes = Promise.allSettled([first, second]);
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  model.dispose();
  const [one, two] = await outcomes;
  expect(one.status).toBe('fulfilled');
  expect(two).toMatchObject({ reason: { code: 'DISPOSED', message: expect.stringContaining('the model') } });
});

test('numbers that were read or predicted stay', async () => {
  const session = openTiny();
  const logits = await session.run(input);
  const weight = session.read('dense.weight');
  const copies = [logits, weight].map(({ data }) => [...data]);
  session.dispose();
  expect([logits, weight].map(({ data }) => [...data])).toEqual(copies);
  expect(tensor(logits.data as Float32Array, logits.shape).data.length).toBe(32);
});
