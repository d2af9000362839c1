/** `convolt compress`: the report, and a file that predicts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cnn, data, Session } from '../../lib';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();
const main = join(__dirname, '..', '..', 'lib', 'cli', 'main.ts');

async function convolt(...args: string[]): Promise<string> {
  const command = ['-r', join(__dirname, '..', 'run-typescript.cjs'), main, ...args];
  return (await promisify(execFile)(process.execPath, command)).stdout;
}

const [checkpoint, exported, out] = ['model.safetensors', 'model.convolt', 'model.int8.convolt'].map((name) =>
  join(folder, name),
) as [string, string, string];

beforeAll(async () => {
  const session = new Session(cnn());
  const { input } = data.take(data.digitsSplit().test, 1);
  await session.run(input);
  const header = { model: 'cnn', data: 'digits', classes: '10', inputShape: '8,8,1', inputType: input.dtype };
  await session.save(checkpoint, header);
  const model = await session.compileForInference(input);
  await model.save(exported);
  model.dispose();
  session.dispose();
});

test('a checkpoint, for people', async () => {
  const text = await convolt('compress', checkpoint, '--int8', '--keep', 'dense2', '--out', out);
  for (const part of ['file', 'x smaller', 'accuracy', 'an image', '3 layers converted, these were not:']) {
    expect(text).toContain(part);
  }
  expect(text).toContain('dense2  matmul: as asked for');
  expect(text).toContain(`saved ${out}`);
});

test('an exported file, for programs; its result predicts', async () => {
  const report = JSON.parse(
    await convolt('compress', exported, '--int8', '--bits', '8', '--method', 'mse', '--out', out, '--json'),
  );
  expect(report).toMatchObject({ file: out, milliseconds: { batch: 16 } });
  expect(report.layers.map(({ path, converted }: { path: string; converted: boolean }) => [path, converted])).toEqual(
    ['conv2d', 'conv2d2', 'dense', 'dense2'].map((path) => [path, true]),
  );
  expect(report.bytes.before / report.bytes.after).toBeGreaterThan(3.5);
  const source = JSON.stringify([...data.take(data.digitsSplit().test, 1).input.data]);
  const [float, bytes] = await Promise.all(
    [exported, out].map(async (model) => JSON.parse(await convolt('predict', source, '--model', model, '--json'))),
  );
  expect(bytes.label).toBe(float.label);
});

test('refusals', async () => {
  const refused = (...args: string[]) => expect(convolt('compress', ...args)).rejects;
  await refused(checkpoint).toThrow(/expected the kind of compression to be --int8/);
  await refused(checkpoint, '--int8', '--method', 'best').toThrow(/minMax, percentile, entropy, mse/);
  await refused(join(folder, 'none'), '--int8').toThrow(/none/);
});
