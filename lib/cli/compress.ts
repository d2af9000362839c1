/** `convolt compress`: a saved model as a smaller, faster file for predictions, and what that costs. */
import { type CalibrationMethod, type CompressionReport, quantize } from '../compress';
import { take } from '../data';
import { expect } from '../graph/errors';
import { readSafetensors } from '../io/safetensors';
import { type InferenceModel, loadInferenceModel, type Session } from '../models';
import { inferenceFormat } from '../models/inference-file';
import type { WeightBits } from '../ops/quantization-range';
import { loadData } from './choices';
import { showCompression } from './report';
import { openCheckpoint } from './saved-model';

export interface CompressOptions {
  readonly int8?: boolean;
  /** Default: the dataset that the model was trained on. */
  readonly data?: string;
  readonly examples: number;
  readonly method: CalibrationMethod;
  readonly bits: string;
  readonly keep: readonly string[];
  readonly out: string;
  readonly json: boolean;
}

/** Either kind of file, ready to be compressed. */
async function openSource(path: string, format?: string): Promise<Session | InferenceModel> {
  return format === inferenceFormat ? loadInferenceModel(path) : (await openCheckpoint(path)).session;
}

function print(report: CompressionReport, { out, json }: CompressOptions): void {
  console.log(json ? JSON.stringify({ file: out, ...report }) : `${showCompression(report)}\nsaved ${out}`);
}

/** Converts a model to 8 bits by the training data, measures it on the validation data, writes it and prints a report. */
export async function compress(path: string, options: CompressOptions): Promise<void> {
  expect(options.int8 === true, 'OPTION', () => ({
    where: 'compress',
    what: 'the kind of compression',
    expected: '--int8',
    actual: 'none',
  }));
  const { metadata } = await readSafetensors(path);
  const { train, validation } = await loadData(options.data ?? metadata.data ?? 'digits', 0);
  const source = await openSource(path, metadata.format);
  const { method, keep } = options;
  const calibration = take(train, Math.min(options.examples, train.size)).input;
  const bits = Number(options.bits) as WeightBits;
  const { model, report } = await quantize(source, calibration, { method, bits, keep, validation });
  await model.save(options.out);
  print(report, options);
  source.dispose();
  model.dispose();
}
