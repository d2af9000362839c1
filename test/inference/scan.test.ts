/** Models with loops, frozen for any number of examples, through text and back; bodies that are not whole are refused. */
import { layers, ops, type Scope, Session, type Tensor, type Value } from '../../lib';
import { InferenceModel } from '../../lib/models/inference';
import { decodeGraph, encodeGraph } from '../../lib/models/inference-graph';
import { expectClose, F32 } from '../closeness';
import { normal } from './open';

/** A recurrent model over [N, 6, 3] whose weights are parameters. */
const recurrent = (x: Value, scope: Scope): Value => {
  const dense = layers.dense(4);
  const zeros = ops.broadcastTo(ops.constant(0), [x.shape[0] as number, 4]);
  const { outputs } = ops.scan(
    (h: Value, part: Value) => {
      const next = ops.tanh(ops.add(dense(ops.concat([part, h], { axis: 1 }), scope), ops.mul(h, 0.5)));
      return { state: next, output: next };
    },
    zeros,
    x,
    { checkpoint: 4 },
  );
  return ops.mean(outputs, { axes: 1 });
};

const input = normal(1, [5, 6, 3]);
let session: Session;
let frozen: InferenceModel;
beforeAll(async () => {
  session = new Session(recurrent as never);
  await session.run(input);
  frozen = await session.compileForInference(input);
});
afterAll(() => {
  session.dispose();
  frozen.dispose();
});

test('any number of examples, through text', async () => {
  const { text, tensors } = encodeGraph(frozen.frozen);
  const copy = new InferenceModel(decodeGraph(text, tensors, 'test'));
  const expected = (await session.run(input)) as Tensor;
  expectClose((await copy.predict(input)) as Tensor, expected, F32);
  const one = { ...input, shape: [1, 6, 3], data: input.data.slice(18, 36) };
  const row = { ...expected, shape: [1, 4], data: expected.data.slice(4, 8) };
  expectClose((await copy.predict(one)) as Tensor, row, F32);
  copy.dispose();
});

type Json = Record<string, unknown>;
type LoopNode = { op: string; inputs: number[][]; attributes: { length: number; body: Json & { nodes: Json[] } } };

const lies: readonly (readonly [string, (loop: LoopNode) => void])[] = [
  ['no body', (loop) => Object.assign(loop.attributes, { body: 7 })],
  ['no length', (loop) => Object.assign(loop.attributes, { length: 0 })],
  ['another length', (loop) => Object.assign(loop.attributes, { length: 99 })],
  ['no nodes', (loop) => Object.assign(loop.attributes.body, { nodes: {} })],
  ['an unknown list entry', (loop) => Object.assign(loop.attributes.body, { next: [[999, 0]] })],
  ['an output that is not there', (loop) => Object.assign(loop.attributes.body, { next: [[0, 9]] })],
  ['states of another type', (loop) => Object.assign(loop.attributes.body, { next: loop.attributes.body.captures })],
  ['a state twice', (loop) => Object.assign(loop.attributes.body, { sequences: loop.attributes.body.states })],
  ['too few inputs', (loop) => Object.assign(loop, { inputs: [] })],
  ['an unknown op', (loop) => Object.assign(loop.attributes.body.nodes.at(-1) as Json, { op: 'nonsense' })],
  ['a feed inside', (loop) => Object.assign(loop.attributes.body.nodes.at(-1) as Json, { op: 'feed', inputs: [] })],
  ['a later operand', (loop) => Object.assign(loop.attributes.body.nodes.at(-1) as Json, { inputs: [[999, 0]] })],
  ['a placeholder without a type', (loop) => Object.assign(loop.attributes.body.nodes[0] as Json, { attributes: {} })],
  ['an odd attribute', (loop) => Object.assign(loop.attributes.body.nodes.at(-1) as Json, { attributes: { odd: 1 } })],
];

test.each(lies)('%s is refused', (_, tell) => {
  const { text, tensors } = encodeGraph(frozen.frozen);
  const graph = JSON.parse(text) as { nodes: LoopNode[] };
  const loops = graph.nodes.filter(({ op }) => op === 'scan');
  expect(loops.length).toBeGreaterThan(0);
  tell(loops[0] as LoopNode);
  expect(() => decodeGraph(JSON.stringify(graph), tensors, 'file')).toThrow(
    expect.objectContaining({ code: 'FILE', message: expect.stringContaining('expected') }),
  );
});
