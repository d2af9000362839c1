/** `convolt export`: the exported file predicts what the checkpoint does. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cnn, data, Session } from '../../lib';
import { expectClose, F32 } from '../closeness';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();
const main = join(__dirname, '..', '..', 'lib', 'cli', 'main.ts');

async function convolt(...args: string[]) {
  const command = ['-r', join(__dirname, '..', 'run-typescript.cjs'), main, ...args, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, command)).stdout);
}

test('export and predict', async () => {
  const [checkpoint, out] = [join(folder, 'model.safetensors'), join(folder, 'model.convolt')];
  const session = new Session(cnn());
  const { input } = data.take(data.digitsSplit().test, 1);
  await session.run(input);
  await session.save(checkpoint, { model: 'cnn', classes: '10', inputShape: '8,8,1', inputType: input.dtype });
  session.dispose();

  expect(await convolt('export', checkpoint, '--out', out)).toEqual({
    file: out,
    inputs: { input: { dtype: input.dtype, shape: [-1, 8, 8, 1] } },
    outputs: { output: { dtype: 'float32', shape: [-1, 10] } },
  });
  const source = JSON.stringify([...input.data]);
  const [expected, actual] = await Promise.all(
    [checkpoint, out].map((model) => convolt('predict', source, '--model', model)),
  );
  expect(actual.label).toBe(expected.label);
  expectClose({ shape: [10], data: actual.probabilities }, { shape: [10], data: expected.probabilities }, F32);
});
