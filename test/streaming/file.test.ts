/** Files of streaming models: what is carried is checked like the rest of the graph. */
import { join } from 'node:path';
import { io, loadStreamingModel, Session } from '../../lib';
import { refusal, temporaryFolder } from '../io/refusal';
import { languageModel } from './recurrent';

const path = join(temporaryFolder(), 'model.convolt');

// biome-ignore lint/suspicious/noExplicitAny: files are damaged at will
type Json = any;

/** Loads the file with its graph changed. */
async function damaged(change: (graph: Json) => void): Promise<unknown> {
  const session = new Session(languageModel(5, 3, 4));
  const model = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
  await model.save(path);
  model.dispose();
  session.dispose();
  const { tensors, metadata } = await io.readSafetensors(path);
  const graph = JSON.parse(metadata.graph as string);
  change(graph);
  await io.writeSafetensors(path, tensors, { ...metadata, graph: JSON.stringify(graph) });
  return loadStreamingModel(path);
}

const cell = 'lstm.cell';

test.each<[string, (graph: Json) => void, ...string[]]>([
  ['paths that are none', (graph) => Object.assign(graph, { carried: [1] }), 'what is carried', 'paths'],
  ['no list', (graph) => Object.assign(graph, { carried: cell }), 'what is carried'],
  ['a path of nothing', (graph) => graph.carried.push('other'), "the carried 'other'", 'one of the inputs'],
  ['no beginning', (graph) => delete graph.outputs[`initial:${cell}`], `initial:${cell}`, 'there'],
  ['no continuation', (graph) => delete graph.outputs[`next:${cell}`], `next:${cell}`, 'there'],
  [
    'a continuation of another type',
    (graph) => Object.assign(graph.outputs, { [`next:${cell}`]: graph.outputs.output }),
    `next:${cell}`,
    'float32[1, 4]',
    'float32[1, 1, 5]',
  ],
  [
    'a beginning that needs the input',
    (graph) => Object.assign(graph.outputs, { [`initial:${cell}`]: graph.outputs[`next:${cell}`] }),
    `initial:${cell}`,
    'independent of the inputs',
  ],
])('%s', async (_, change, ...parts) => {
  await expect(damaged(change)).rejects.toThrow(refusal('FILE', 'model.convolt', ...parts));
});
