/** Loads an inference model in a process of its own, predicts, and prints the numbers. */
import { readFileSync } from 'node:fs';
import { loadInferenceModel, type Tensor } from '../../lib';

async function main(): Promise<void> {
  const [path, input] = process.argv.slice(2) as [string, string];
  const { shape, data } = JSON.parse(readFileSync(input, 'utf8'));
  const model = await loadInferenceModel(path);
  const output = (await model.predict({ dtype: 'float32', shape, data: Float32Array.from(data) })) as Tensor;
  console.log(JSON.stringify({ shape: output.shape, data: [...output.data] }));
}

main();
