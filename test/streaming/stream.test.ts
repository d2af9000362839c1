/** Streams: part by part equals the whole, independent of each other, and one clear error for what does not fit. */
import { join } from 'node:path';
import {
  layers,
  loadInferenceModel,
  loadStreamingModel,
  ops,
  Session,
  type StreamingModel,
  type Tensor,
  tensor,
} from '../../lib';
import { hostUniform } from '../../lib/graph/philox';
import { expectClose, F32 } from '../closeness';
import { refusal, temporaryFolder } from '../io/refusal';
import { languageModel, lstmLayer } from './recurrent';

const vocabulary = 11;
const folder = temporaryFolder();

const tokens = (seed: number, n: number, t: number): Tensor =>
  tensor(
    Int32Array.from(hostUniform([seed, 1], n * t), (u) => Math.floor(u * vocabulary)),
    [n, t],
  );

const one = (token: number): Tensor => tensor(Int32Array.of(token), [1, 1]);

const session = new Session(languageModel(vocabulary, 5, 8), { seed: 2 });
let model: StreamingModel;

beforeAll(async () => {
  await session.run(tokens(1, 1, 1));
  model = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
});
afterAll(() => {
  model.dispose();
  session.dispose();
});

/** Logits of a whole sequence [1, T], as rows. */
const whole = async (sequence: Tensor): Promise<Tensor> => {
  const { shape, data } = (await session.run(sequence)) as Tensor;
  return tensor(data, [shape[1] as number, 1, 1, vocabulary]);
};

test('says what it takes, gives and carries', () => {
  expect(model.inputs).toEqual({ input: { dtype: 'int32', shape: [-1, 1] } });
  const state = { dtype: 'float32', shape: [-1, 8] };
  expect(model.carried).toEqual({
    'lstm.hidden': state,
    'lstm.cell': state,
    'lstm2.hidden': state,
    'lstm2.cell': state,
  });
});

test('token by token equals the whole sequence, awaited or in one native call', async () => {
  const sequence = tokens(3, 1, 9);
  const expected = await whole(sequence);
  const stream = await model.stream();
  const rows: number[] = [];
  for (const token of sequence.data) rows.push(...((await stream.step(one(token))) as Tensor).data);
  expectClose(tensor(rows, expected.shape), expected, F32);
  await stream.reset();
  const all = (await stream.run(sequence.data)) as Tensor;
  expect(all.shape).toEqual([9, 1, 1, vocabulary]);
  expect([...all.data]).toEqual(rows);
});

test('several streams take turns and do not meet', async () => {
  const sequences = [tokens(4, 1, 6), tokens(5, 1, 6)] as const;
  const streams = [await model.stream(), await model.stream()] as const;
  const given: number[][] = [[], []];
  const waiting: Promise<unknown>[] = [];
  for (let t = 0; t < 6; t++) {
    streams.forEach((stream, s) => {
      const step = stream.step(one(sequences[s]?.data[t] as number));
      waiting.push(step.then((output) => given[s]?.push(...(output as Tensor).data)));
    });
  }
  await Promise.all(waiting);
  for (const [s, sequence] of sequences.entries()) {
    const expected = await whole(sequence);
    expectClose(tensor(given[s] as number[], expected.shape), expected, F32);
  }
});

test('a stream of several sequences', async () => {
  const pair = tokens(6, 2, 4);
  const stream = await model.stream({ batch: 2 });
  const byStep = Int32Array.from({ length: 8 }, (_, i) => pair.data[(i % 2) * 4 + (i >> 1)] as number);
  const output = (await stream.run(tensor(byStep, [4, 2, 1]))) as Tensor;
  const expected = (await session.run(pair)) as Tensor;
  const at = (t: number, n: number) => (n * 4 + t) * vocabulary;
  const sorted = [0, 1, 2, 3].flatMap((t) =>
    [0, 1].flatMap((n) => [...expected.data.subarray(at(t, n), at(t, n + 1 - 1) + vocabulary)]),
  );
  expectClose(output, tensor(sorted, output.shape), F32);
});

test('what is remembered can be read, written and carried over', async () => {
  const stream = await model.stream();
  await stream.run(tokens(7, 1, 5).data);
  const state = await stream.readState();
  expect(Object.keys(state)).toEqual(Object.keys(model.carried));
  const other = await model.stream();
  await other.writeState(state);
  const next = one(3);
  expect([...((await other.step(next)) as Tensor).data]).toEqual([...((await stream.step(next)) as Tensor).data]);
  await other.reset();
  expect([...((await other.readState())['lstm.cell'] as Tensor).data]).toEqual(Array(8).fill(0));
});

test('a step that fails changes nothing', async () => {
  const stream = await model.stream();
  await stream.step(one(2));
  const before = await stream.readState();
  await expect(stream.step(one(vocabulary))).rejects.toThrow(refusal('VALUE', 'embedding'));
  expect(await stream.readState()).toEqual(before);
  await expect(stream.run(Int32Array.of(1, -1))).rejects.toThrow(refusal('VALUE'));
});

test('a file holds the model', async () => {
  const path = join(folder, 'model.convolt');
  await model.save(path, { kind: 'characters' });
  const loaded = await loadStreamingModel(path);
  expect(loaded.info).toEqual({ kind: 'characters' });
  expect(loaded.carried).toEqual(model.carried);
  const sequence = tokens(8, 1, 5).data;
  const [a, b] = [await loaded.stream(), await model.stream()];
  expect([...((await a.run(sequence)) as Tensor).data]).toEqual([...((await b.run(sequence)) as Tensor).data]);
  loaded.dispose();
  await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'loadStreamingModel'));
  const still = new Session(layers.dense(2));
  await still.run(tensor([1, 2], [1, 2]));
  const plain = await still.compileForInference({ dtype: 'float32', shape: [1, 2] });
  await plain.save(path);
  await expect(loadStreamingModel(path)).rejects.toThrow(refusal('FILE', 'loadInferenceModel'));
  plain.dispose();
  still.dispose();
});

test('a beginning that is learned', async () => {
  const sums = layers.layer('sums', (x, scope) => {
    const start = scope.param('start', [1, 2], (shape) => ops.broadcastTo(ops.constant(5), shape));
    const before = scope.carried('total', ops.broadcastTo(start, [x.shape[0] as number, 2]));
    const total = ops.add(before, x);
    scope.carry(before, total);
    return total;
  });
  const own = new Session(sums);
  await own.run(tensor([0, 0], [1, 2]));
  const streaming = await own.compileForStreaming({ dtype: 'float32', shape: [1, 2] });
  const stream = await streaming.stream();
  expect([...((await stream.run(tensor([1, 2, 3, 4, 5, 6], [3, 1, 2]))) as Tensor).data]).toEqual([
    6, 7, 9, 11, 14, 17,
  ]);
  streaming.dispose();
  own.dispose();
});

describe('refusals', () => {
  test('inputs of another type', async () => {
    const stream = await model.stream();
    await expect(stream.step(tensor(Int32Array.of(1, 2), [2, 1]))).rejects.toThrow(
      refusal('SHAPE', 'step', 'int32[1, 1]', 'int32[2, 1]'),
    );
    await expect(stream.step(Int32Array.of(1, 2))).rejects.toThrow(refusal('SHAPE', 'input'));
    await expect(stream.step(Float32Array.of(1))).rejects.toThrow(refusal('DTYPE', 'int32', 'float32'));
    await expect(stream.step({ other: one(1) })).rejects.toThrow(refusal('SHAPE', 'the inputs', 'input.other'));
    await expect(stream.run(new Int32Array(0))).rejects.toThrow(refusal('SHAPE', 'the number of calls'));
    await expect(stream.run(tensor(Int32Array.of(1, 2), [2]))).rejects.toThrow(
      refusal('SHAPE', 'run', 'int32[2, 1, 1]'),
    );
    const pair = await model.stream({ batch: 2 });
    await expect(pair.step(one(1))).rejects.toThrow(refusal('SHAPE', 'int32[2, 1]', 'int32[1, 1]'));
  });

  test('states of another type', async () => {
    const stream = await model.stream();
    const state = await stream.readState();
    await expect(stream.writeState({})).rejects.toThrow(refusal('STATE', 'the names', 'none'));
    const wrong = { ...state, 'lstm.cell': tensor([1, 2], [1, 2]) };
    await expect(stream.writeState(wrong)).rejects.toThrow(
      refusal('STATE', 'lstm.cell', 'float32[1, 8]', 'float32[1, 2]'),
    );
  });

  test('batches below 1, and others than that of a fixed model', async () => {
    await expect(model.stream({ batch: 0 })).rejects.toThrow(refusal('VALUE', 'the batch'));
    const fixed = await session.compileForStreaming({ dtype: 'int32', shape: [3, 1] }, { batch: 'fixed' });
    await expect(fixed.stream()).rejects.toThrow(refusal('SHAPE', 'the batch', '3'));
    expect(await (await fixed.stream({ batch: 3 })).step(Int32Array.of(1, 2, 3))).toMatchObject({
      shape: [3, 1, vocabulary],
    });
    fixed.dispose();
  });

  test('use after dispose', async () => {
    const own = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
    const [stream, other] = [await own.stream(), await own.stream()];
    stream.dispose();
    await expect(stream.step(one(1))).rejects.toThrow(refusal('DISPOSED', 'the stream'));
    await other.step(one(1));
    own.dispose();
    await expect(other.step(one(1))).rejects.toThrow(refusal('DISPOSED', 'the model'));
    await expect(own.stream()).rejects.toThrow(refusal('DISPOSED', 'the model'));
    await expect(own.save(join(folder, 'gone'))).rejects.toThrow(refusal('DISPOSED', 'the model'));
  });

  const compiled = (network: layers.Layer, shape: readonly number[]) =>
    new Session(network).compileForStreaming({ dtype: 'float32', shape });

  test('models that carry nothing, or what does not fit', async () => {
    await expect(compiled(layers.dense(2), [1, 3])).rejects.toThrow(refusal('STATE', 'carries nothing'));
    const fromInput = layers.layer('f', (x, scope) => {
      scope.carry(scope.carried('last', x), x);
      return x;
    });
    await expect(compiled(fromInput, [1, 3])).rejects.toThrow(refusal('STATE', 'f.last', 'independent of the input'));
    const shared = layers.layer('g', (x, scope) => {
      const total = scope.carried('total', ops.broadcastTo(ops.constant(0), [3]));
      scope.carry(total, ops.add(total, 1));
      return ops.add(x, total);
    });
    await expect(compiled(shared, [1, 3])).rejects.toThrow(refusal('SHAPE', 'g.total', '[N, ...]'));
    const other = layers.layer('h', (x, scope) => {
      scope.carried('total', ops.broadcastTo(ops.constant(0), x.shape));
      scope.carry(x, x);
      return x;
    });
    await expect(compiled(other, [1, 3])).rejects.toThrow(refusal('STATE', "'carried' gave"));
    const longer = layers.layer('k', (x, scope) => {
      const total = scope.carried('total', ops.broadcastTo(ops.constant(0), x.shape));
      scope.carry(total, ops.sum(x, { axes: [1] }));
      return x;
    });
    await expect(compiled(longer, [1, 3])).rejects.toThrow(refusal('SHAPE', 'carry of k.total'));
  });
});

test('a layer that is used twice carries twice', async () => {
  const shared = lstmLayer(3);
  const own = new Session(layers.sequential(shared, shared));
  await own.run(tensor(Array(6).fill(0.5), [1, 2, 3]));
  const streaming = await own.compileForStreaming({ dtype: 'float32', shape: [1, 1, 3] });
  expect(Object.keys(streaming.carried)).toEqual(['lstm.hidden', 'lstm.cell', 'lstm.hidden2', 'lstm.cell2']);
  const x = tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]);
  const output = (await (await streaming.stream()).run(x.data)) as Tensor;
  expectClose({ ...output, shape: [1, 2, 3] }, (await own.run(x)) as Tensor, F32);
  streaming.dispose();
  own.dispose();
});
