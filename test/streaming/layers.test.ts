/** Every recurrent layer streams: step by step it gives what it gives for the whole sequence. */
import { join } from 'node:path';
import { layers, loadStreamingModel, Session, type Tensor, tensor } from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import { expectClose, F32 } from '../closeness';
import { refusal, temporaryFolder } from '../io/refusal';

const { dense, gru, lstm, rnn, sequential } = layers;

const folder = temporaryFolder();
const [steps, features] = [7, 3];
const frames = tensor(hostNormal([4, 1], steps * features), [1, steps, features]);
const frame = { dtype: 'float32', shape: [1, 1, features] } as const;

test.each<[string, layers.Layer, readonly string[]]>([
  ['rnn', sequential(rnn({ units: 4 }), dense(2)), ['rnn.state']],
  ['lstm', sequential(lstm({ units: 4 }), dense(2)), ['lstm.hidden', 'lstm.cell']],
  ['gru', sequential(gru({ units: 4 }), dense(2)), ['gru.state']],
  [
    'two layers',
    lstm({ units: 4, layers: 2 }),
    ['lstm.layer1.hidden', 'lstm.layer1.cell', 'lstm.layer2.hidden', 'lstm.layer2.cell'],
  ],
  ['peepholes', lstm({ units: 4, peephole: 'full', coupled: true }), ['lstm.hidden', 'lstm.cell']],
])('%s', async (_, model, carried) => {
  const session = new Session(model, { seed: 3 });
  const expected = (await session.run(frames)) as Tensor;
  const streaming = await session.compileForStreaming(frame);
  expect(Object.keys(streaming.carried)).toEqual(carried);
  const stream = await streaming.stream();
  const parts: number[] = [];
  for (let t = 0; t < steps; t++) {
    const output = await stream.step(frames.data.slice(t * features, (t + 1) * features));
    parts.push(...(output as Tensor).data);
  }
  expectClose(tensor(parts, expected.shape), expected, F32);
  streaming.dispose();
  session.dispose();
});

test('layers that go backward do not stream', async () => {
  const session = new Session(lstm({ units: 2, bidirectional: true }));
  await expect(session.compileForStreaming(frame)).rejects.toThrow(refusal('STATE', 'lstm', 'backward'));
  session.dispose();
});

test('a file holds layers that run by kernels of their own', async () => {
  const session = new Session(sequential(lstm({ units: 4 }), gru({ units: 3 })), { seed: 3 });
  const model = await session.compileForStreaming(frame);
  const path = join(folder, 'layers.convolt');
  await model.save(path);
  const loaded = await loadStreamingModel(path);
  const [a, b] = [await model.stream(), await loaded.stream()];
  expect([...((await b.run(frames.data)) as Tensor).data]).toEqual([...((await a.run(frames.data)) as Tensor).data]);
  for (const one of [model, loaded, session]) one.dispose();
});
