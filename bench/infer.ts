/** Inference of networks for ImageNet sizes, as the peer scripts define them. */
import {
  biRealResnet18,
  compress,
  type InferenceModel,
  type Model,
  mobilenetV2,
  quicknet,
  resnet18,
  resnet50,
  Session,
  squeezenet,
  type Tensor,
  tensor,
  vgg16,
} from '../lib';
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

/** Networks with layers of +-1, which have no peers. */
const binaryModels: Readonly<Record<string, () => Model>> = {
  birealresnet18: () => biRealResnet18(),
  quicknet: () => quicknet(),
};

/** How a network is made ready, by the numbers that it computes with. */
const compilers = {
  float32: (session: Session, images: Tensor) => session.compileForInference(images),
  int8: async (session: Session, images: Tensor) =>
    (await compress.quantize(session, images, { method: 'minMax' })).model,
  binary: async (session: Session, images: Tensor) => (await compress.binarize(session, { input: images })).model,
} as const satisfies Record<string, (session: Session, images: Tensor) => Promise<InferenceModel>>;

export type Precision = keyof typeof compilers;

export const precisions = Object.keys(compilers) as readonly Precision[];

/** What a case is called. */
const caseOf = (name: string, precision: Precision, batch: number): string =>
  `infer-${name}${precision === 'float32' ? '' : `.${precision}`}-b${batch}`;

/** Milliseconds of single predictions of a batch by a model compiled for inference. */
async function milliseconds(model: Model, precision: Precision, batch: number): Promise<number[]> {
  const shape = [batch, side, side, 3];
  const input = tensor(hostNormal([1, 2], batch * side * side * 3), shape);
  const session = new Session(model);
  const compiled = await compilers[precision](session, input);
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
  precision: Precision,
  threads: number,
  json: boolean,
): Promise<void> {
  for (const name of models) {
    const known = { ...inferenceModels, ...binaryModels };
    const model = known[name];
    if (!model) throw new Error(`bench infer: expected one of ${Object.keys(known)} but got '${name}'`);
    for (const batch of batches) {
      expectWhole('bench infer', 'every batch', batch, 1);
      const times = await milliseconds(model(), precision, batch);
      print(summarize(caseOf(name, precision, batch), threads, times), json, peakMemory());
    }
  }
}
