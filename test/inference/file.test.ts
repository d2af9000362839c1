/** Deployable files: bit-equal in a new process, any batch size, and one clear error for anything that is not whole. */
import { execFile } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cnn, io, layers, loadInferenceModel, resnet20, type Tensor } from '../../lib';
import { expectClose, F32 } from '../closeness';
import { refusal, temporaryFolder } from '../io/refusal';
import { normal, openRandom } from './open';

const folder = temporaryFolder();
const image = normal(1, [3, 12, 12, 2]);

async function saved(name: string, network: layers.Layer = cnn({ filters: [3], hidden: 5 })): Promise<string> {
  const session = await openRandom(network, image);
  const model = await session.compileForInference(image);
  const path = join(folder, name);
  await model.save(path, { classes: '10' });
  session.dispose();
  model.dispose();
  return path;
}

test('a new process predicts the same bits', async () => {
  const session = await openRandom(resnet20({ filters: 4 }), image);
  const model = await session.compileForInference(image);
  const path = join(folder, 'resnet.convolt');
  await model.save(path);
  const expected = (await model.predict(image)) as Tensor;
  const input = join(folder, 'input.json');
  writeFileSync(input, JSON.stringify({ shape: image.shape, data: [...image.data] }));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '-r',
    join(__dirname, '..', 'run-typescript.cjs'),
    join(__dirname, 'predict-file.ts'),
    path,
    input,
  ]);
  const { shape, data } = JSON.parse(stdout);
  expect(shape).toEqual(expected.shape);
  expect(data).toEqual([...expected.data]);
  session.dispose();
  model.dispose();
});

test('a file serves any number of examples and keeps its types and entries', async () => {
  const path = await saved('any.convolt');
  const model = await loadInferenceModel(path);
  expect(model.info).toEqual({ classes: '10' });
  expect(model.inputs).toEqual({ input: { dtype: 'float32', shape: [-1, 12, 12, 2] } });
  expect(model.outputs).toEqual({ output: { dtype: 'float32', shape: [-1, 10] } });
  const whole = (await model.predict(image)) as Tensor;
  for (let i = 0; i < 3; i++) {
    const data = image.data.slice(i * 288, (i + 1) * 288);
    const one = (await model.predict({ ...image, shape: [1, 12, 12, 2], data })) as Tensor;
    const row = { ...whole, shape: [1, 10], data: whole.data.slice(i * 10, (i + 1) * 10) };
    expectClose(one, row, F32);
  }
  model.dispose();
});

test('files that end early or are none', async () => {
  const path = await saved('short.convolt');
  truncateSync(path, readFileSync(path).length - 5);
  await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'short.convolt'));
  await expect(loadInferenceModel(join(folder, 'none'))).rejects.toThrow(refusal('FILE', 'none'));
});

test('files of another kind or version', async () => {
  const path = await saved('version.convolt');
  const { tensors, metadata } = await io.readSafetensors(path);
  const write = (changed: Record<string, string>) => io.writeSafetensors(path, tensors, { ...metadata, ...changed });
  await write({ format: 'pt' });
  await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'the format', 'convolt-inference', 'pt'));
  await write({ formatVersion: '2' });
  await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'the version', '1', '2'));
  await write({ graph: '{' });
  await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'the graph', 'JSON'));
});

// biome-ignore lint/suspicious/noExplicitAny: files are damaged at will
type Json = any;
type Damage = (graph: Json) => Json;

const nodeOf = (graph: Json, op: string): Json => graph.nodes.find((node: Json) => node.op === op);

/** Merges `changes` into the first node of `op`. */
const inNode =
  (op: string, changes: Json): Damage =>
  (graph) => {
    Object.assign(nodeOf(graph, op), changes);
    return graph;
  };

/** Merges `changes` into the attributes of the first node of `op`. */
const inAttributes =
  (op: string, changes: Json): Damage =>
  (graph) => {
    Object.assign(nodeOf(graph, op).attributes, changes);
    return graph;
  };

const inGraph =
  (changes: Json): Damage =>
  (graph) => ({ ...graph, ...changes });

const inOutput =
  (changes: Json): Damage =>
  (graph) => ({ ...graph, outputs: { output: { ...graph.outputs.output, ...changes } } });

const input = (dtype: string, ...shape: readonly Json[]) => inGraph({ inputs: { input: { dtype, shape } } });

const damages: readonly [string, Damage, ...string[]][] = [
  ['no object', () => [], 'the graph', 'an object'],
  ['no nodes', inGraph({ nodes: 3 }), 'the nodes', 'a list'],
  ['no inputs', inGraph({ inputs: [] }), 'the inputs'],
  ['an input of another type', input('float64', 1), 'the inputs'],
  ['a batch on another axis', input('float32', 1, { batch: 1 }), 'the inputs'],
  ['no outputs', inGraph({ outputs: {} }), 'the outputs'],
  ['an output of no node', inOutput({ at: [99, 0] }), "the output 'output'"],
  ['an output of another shape', inOutput({ shape: [1, 11] }), 'float32[1, 11]', 'float32[1, 10]'],
  ['a node that is none', inGraph({ nodes: [null] }), 'node 0', 'an object'],
  ['an unknown op', inNode('conv2d', { op: 'conv3d' }), 'the op of node', 'conv3d'],
  ['a state', inNode('conv2d', { op: 'state' }), 'the op of node', 'state'],
  ['an operand from behind', inNode('conv2d', { inputs: [[98, 0]] }), 'the operands', 'before it'],
  ['an operand that is none', inNode('conv2d', { inputs: ['x'] }), 'the operands'],
  ['an operand too few', inNode('conv2d', { inputs: [[0, 0]] }), 'the operations', 'fit together'],
  ['an operand of a constant', inNode('constant', { inputs: [[0, 0]] }), 'the operands'],
  ['an output that a node lacks', inNode('conv2d', { inputs: [[0, 1]] }), 'the operations'],
  ['attributes that are none', inNode('conv2d', { attributes: 7 }), 'the attributes', 'an object'],
  ['an attribute of another type', inAttributes('conv2d', { stride: 'two' }), "the attribute 'stride'", 'two'],
  ['an attribute too short', inAttributes('conv2d', { padding: [0, 0, 0] }), "the attribute 'padding'"],
  ['an attribute that is missing', inNode('conv2d', { attributes: {} }), 'the operations'],
  ['an attribute that nobody knows', inAttributes('conv2d', { colour: 1 }), "the attribute 'colour'"],
  ['a choice that nobody knows', inAttributes('conv2d', { algorithm: 'fft' }), "the attribute 'algorithm'", 'fft'],
  ['a tensor that is not there', inNode('constant', { tensor: 'other' }), 'the tensor', 'in the file'],
  ['a feed that is no input', inAttributes('feed', { name: 'other' }), 'the feed'],
  ['a feed of another type', inAttributes('feed', { type: { dtype: 'int32', shape: [1] } }), 'the feed'],
  ['a path that is none', inNode('conv2d', { path: 5 }), 'the path', 'text'],
];

describe('a damaged graph is one clear error', () => {
  test.each(damages)('%s', async (_, damage, ...parts) => {
    const path = await saved('damaged.convolt');
    const { tensors, metadata } = await io.readSafetensors(path);
    const graph = damage(JSON.parse(metadata.graph as string));
    await io.writeSafetensors(path, tensors, { ...metadata, graph: JSON.stringify(graph) });
    await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'damaged.convolt', ...parts));
  });

  test('a view of more elements', async () => {
    const path = await saved('view.convolt', layers.flatten());
    const { tensors, metadata } = await io.readSafetensors(path);
    const graph = JSON.parse(metadata.graph as string);
    const larger = inAttributes('reshape', { shape: [1, 300] })(graph);
    await io.writeSafetensors(path, tensors, { ...metadata, graph: JSON.stringify(larger) });
    await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'reshape', 'of as many elements'));
  });

  test('weights of another shape', async () => {
    const path = await saved('weights.convolt');
    const { tensors, metadata } = await io.readSafetensors(path);
    const [name, weights] = [...tensors].find(([, { shape }]) => shape.length === 4) as [string, Tensor];
    tensors.set(name, { ...weights, shape: [...weights.shape].reverse() });
    await io.writeSafetensors(path, tensors, metadata);
    await expect(loadInferenceModel(path)).rejects.toThrow(refusal('FILE', 'the operations', 'conv2d'));
  });
});
