/** `convolt compress --binary`: a trained network of +-1 as a file of bits, and a report. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaryLenet, cnn, data, io, type layers, loadInferenceModel, Session, type Tensor } from '../../lib';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();
const main = join(__dirname, '..', '..', 'lib', 'cli', 'main.ts');

const convolt = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['-r', join(__dirname, '..', 'run-typescript.cjs'), main, ...args]);

const { input } = data.take(data.digitsSplit().test, 5);

async function checkpoint(name: string, network: layers.Layer): Promise<{ path: string; session: Session }> {
  const path = join(folder, `${name}.safetensors`);
  const session = new Session(network);
  await session.run(input);
  await session.save(path, { model: name, data: 'digits', classes: '10', inputShape: '8,8,1', inputType: 'float32' });
  return { path, session };
}

test('a checkpoint becomes a file of bits', async () => {
  const { path, session } = await checkpoint('binaryLenet', binaryLenet());
  const out = join(folder, 'net.binary.convolt');
  const report = JSON.parse((await convolt('compress', path, '--binary', '--out', out, '--json')).stdout);
  expect(report).toMatchObject({ file: out, accuracy: { after: report.accuracy.before } });
  expect(report.bytes.before / report.bytes.after).toBeGreaterThan(10);
  const converted = report.layers.filter((layer: { converted: boolean }) => layer.converted);
  expect(converted.map((layer: { path: string }) => layer.path)).toEqual(['binaryConv2d', 'binaryDense']);

  const model = await loadInferenceModel(out);
  const folded = await session.compileForInference(input);
  expect(await model.predict(input)).toEqual((await folded.predict(input)) as Tensor);
  expect((await io.readSafetensors(out)).metadata.format).toBe('convolt-inference');
  for (const each of [model, folded, session]) each.dispose();

  const { stdout } = await convolt('compress', path, '--binary', '--out', out);
  expect(stdout).toMatch(/2 layers converted, these were not:\n {2}conv2d {2}conv2d: weights other than \+-1/);
});

test('misuse', async () => {
  const { path, session } = await checkpoint('cnn', cnn());
  session.dispose();
  const refused = async (...args: string[]) =>
    (await convolt('compress', path, ...args).catch((error) => error)).stderr;
  expect(await refused('--binary')).toContain('binarize: expected the model to be one with a convolution or product');
  expect(await refused()).toContain('expected the kind of compression to be --int8 or --binary but got none');
  expect(await refused('--int8', '--binary')).toContain('--int8 or --binary but got both');
});
