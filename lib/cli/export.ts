/** `convolt export`: a checkpoint as a file for predictions, folded and without a need for code. */
import { openCheckpoint } from './saved-model';

/** Compiles the network of a checkpoint for inference and writes it. */
export async function exportModel(path: string, options: { out: string; json: boolean }): Promise<void> {
  const { session, shape, dtype } = await openCheckpoint(path);
  const model = await session.compileForInference({ dtype, shape: [1, ...shape] });
  await model.save(options.out);
  const { inputs, outputs } = model;
  console.log(options.json ? JSON.stringify({ file: options.out, inputs, outputs }) : `saved ${options.out}`);
  session.dispose();
  model.dispose();
}
