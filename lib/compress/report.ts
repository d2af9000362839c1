/** What compression does to a model: its size, its accuracy and its time, before and after. */
import type { Tensor } from '../graph/tensor';
import { sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import type { Metric } from '../metrics';
import { compute } from '../models/compute';
import { type Examples, expectSameCount } from '../models/evaluate';
import type { InferenceModel } from '../models/inference';
import { fileBytes } from '../models/inference-file';
import type { InputData } from '../models/model';
import { mean } from '../ops/reduce';
import { feed } from '../ops/source';
import { batchesOf, rowsOfData } from './rows';

/** A number before and after. */
export interface Change {
  readonly before: number;
  readonly after: number;
}

/** What became of one layer. */
export interface LayerReport {
  /** Path of the layer, as parameters have it. */
  readonly path: string;
  readonly op: string;
  readonly converted: boolean;
  /** Why it was not. */
  readonly reason?: string;
  /** Numbers of its weights. */
  readonly parameters?: number;
  /** Of weights, biases and scales. */
  readonly bytes?: Change;
}

/** What a compression changed: size, accuracy and time before and after, and what became of each layer. */
export interface CompressionReport {
  /** Length of the deployable file. */
  readonly bytes: Change;
  /** Mean of the metric over the validation data, if there are any. */
  readonly accuracy?: Change;
  /** Of one example, in batches of `batch`; the median of several runs. */
  readonly milliseconds: Change & { readonly batch: number };
  readonly layers: readonly LayerReport[];
}

/** Examples to measure on, and what to measure. */
export interface Validation {
  readonly examples?: Examples;
  readonly metric: Metric;
}

/** Examples per prediction while the metric is taken. */
const measuredAtOnce = 100;

/** The mean of a per-example metric over all examples. */
async function measured(model: InferenceModel, { input, target }: Examples, metric: Metric): Promise<number> {
  const count = expectSameCount('compress', { input, target });
  let [sum, start] = [0, 0];
  for (const { rows, size } of batchesOf('compress', input, measuredAtOnce)) {
    const prediction = (await model.predict(rows)) as Tensor;
    const expected = rowsOfData(target, start, size) as Tensor;
    const feeds = [
      feed('prediction', prediction.shape, prediction.dtype),
      feed('target', expected.shape, expected.dtype),
    ];
    const [result] = await compute([mean(metric(feeds[0] as Value, feeds[1] as Value))], feeds, {
      prediction,
      target: expected,
    });
    sum += size * ((result as Tensor).data[0] as number);
    start += size;
  }
  return sum / count;
}

/** Milliseconds and repetitions of a timing. */
const timing = { least: 3, most: 50, milliseconds: 400 };

/** The median time of a prediction. */
async function timed(model: InferenceModel, rows: InputData): Promise<number> {
  await model.predict(rows);
  const times: number[] = [];
  const begin = performance.now();
  while (
    times.length < timing.least ||
    (performance.now() - begin < timing.milliseconds && times.length < timing.most)
  ) {
    const start = performance.now();
    await model.predict(rows);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

/** Measures both models alike. `rows` are what they are timed with, `size` examples. */
export async function compareModels(
  before: InferenceModel,
  after: InferenceModel,
  { rows, size }: { rows: InputData; size: number },
  { examples, metric }: Validation,
): Promise<Omit<CompressionReport, 'layers'>> {
  const both = async (measure: (model: InferenceModel) => number | Promise<number>): Promise<Change> => ({
    before: await measure(before),
    after: await measure(after),
  });
  const bytes = await both((model) => fileBytes(model.frozen));
  const milliseconds = await both(async (model) => (await timed(model, rows)) / size);
  const accuracy = examples && (await both((model) => measured(model, examples, metric)));
  return { bytes, ...(accuracy && { accuracy }), milliseconds: { ...milliseconds, batch: size } };
}

/** Bytes of float32 weights of a shape. */
export const floatBytes = (shape: readonly number[]): number => 4 * sizeOf(shape);
