/** Inference of networks for ImageNet sizes, as the peer scripts define them. */
import { type Model, mobilenetV2, resnet18, resnet50, Session, squeezenet, tensor, vgg16 } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { expectWhole } from '../lib/graph/whole';
import { measure, peakMemory, print, summarize } from './timing';

const side = 224;

export const inferenceModels: Readonly<Record<string, () => Model>> = {
  resnet18: () => resnet18(),
  resnet50: () => resnet50(),
  vgg16: () => vgg16(),
  mobilenetv2: () => mobilenetV2(),
  squeezenet11: () => squeezenet(),
};

/** Milliseconds of single predictions of a batch by a model compiled for inference. */
async function milliseconds(model: Model, batch: number): Promise<number[]> {
  const shape = [batch, side, side, 3];
  const input = tensor(hostNormal([1, 2], batch * side * side * 3), shape);
  const session = new Session(model);
  const compiled = await session.compileForInference(input);
  session.dispose();
  const times = await measure(async () => {
    await compiled.predict(input);
    return undefined;
  });
  compiled.dispose();
  return times;
}

/** Runs the named networks at each batch size and prints one line each. */
export async function benchInference(
  models: readonly string[],
  batches: readonly number[],
  threads: number,
  json: boolean,
): Promise<void> {
  for (const name of models) {
    const model = inferenceModels[name];
    if (!model) throw new Error(`bench infer: expected one of ${Object.keys(inferenceModels)} but got '${name}'`);
    for (const batch of batches) {
      expectWhole('bench infer', 'every batch', batch, 1);
      const times = await milliseconds(model(), batch);
      print(summarize(`infer-${name}-b${batch}`, threads, times), json, peakMemory());
    }
  }
}
