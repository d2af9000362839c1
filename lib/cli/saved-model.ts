/** Saved networks, ready to predict: checkpoints of `convolt train` and files of `convolt export`. */
import type { DType, Shape, Tensor, TensorType } from '../graph/tensor';
import { readSafetensors } from '../io/safetensors';
import { loadInferenceModel, Session } from '../models';
import { inferenceFormat } from '../models/inference-file';
import { logitsOf, makeModel, type NetworkOptions } from './network';

export interface SavedModel {
  /** Of one example. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Scores of each example's classes. */
  predict(input: Tensor): Promise<Tensor>;
  dispose(): void;
}

/** What the header of a checkpoint tells about its network. */
export function networkOf(metadata: Readonly<Record<string, string>>): NetworkOptions {
  const { model = 'cnn', activation, norm, loss, features } = metadata;
  return { model, activation, norm, loss, ...(features === undefined ? {} : { features: Number(features) }) };
}

/** A session with the weights of a checkpoint, and what the checkpoint tells about its input. */
export async function openCheckpoint(path: string): Promise<{ session: Session; shape: Shape; dtype: DType }> {
  const { metadata } = await readSafetensors(path);
  const shape = (metadata.inputShape ?? '8,8,1').split(',').map(Number);
  const dtype = (metadata.inputType ?? 'float32') as DType;
  const model = makeModel(networkOf(metadata), Number(metadata.classes ?? 10), { dtype });
  const session = new Session(logitsOf(model));
  await session.load(path);
  return { session, shape, dtype };
}

/** Opens either kind of file. */
export async function openSavedModel(path: string): Promise<SavedModel> {
  const { metadata } = await readSafetensors(path);
  if (metadata.format !== inferenceFormat) {
    const { session, shape, dtype } = await openCheckpoint(path);
    return { shape, dtype, predict: (input) => session.run(input), dispose: () => session.dispose() };
  }
  const model = await loadInferenceModel(path);
  const { shape, dtype } = model.inputs.input as TensorType;
  const predict = async (input: Tensor) => (await model.predict(input)) as Tensor;
  return { shape: shape.slice(1), dtype, predict, dispose: () => model.dispose() };
}
