/** `convolt compress`: a saved model as a smaller, faster file for predictions, and what that costs. */
import { binarize, type CalibrationMethod, type CompressionReport, quantize } from '../compress';
import { type Dataset, take } from '../data';
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
  readonly binary?: boolean;
  /** Default: the dataset that the model was trained on. */
  readonly data?: string;
  readonly examples: number;
  readonly method: CalibrationMethod;
  readonly bits: string;
  readonly keep: readonly string[];
  /** Default: `model.int8.convolt` or `model.binary.convolt`. */
  readonly out?: string;
  readonly json: boolean;
}

/** Either kind of file, ready to be compressed. */
async function openSource(path: string, format?: string): Promise<Session | InferenceModel> {
  return format === inferenceFormat ? loadInferenceModel(path) : (await openCheckpoint(path)).session;
}

/** What a kind of compression needs of the options and the data. */
type Convert = (
  source: Session | InferenceModel,
  sets: { readonly train: Dataset; readonly test: Dataset },
  options: CompressOptions,
) => Promise<{ model: InferenceModel; report: CompressionReport }>;

const kinds: Readonly<Record<'int8' | 'binary', Convert>> = {
  int8: (source, { train, test }, { method, keep, bits, examples }) => {
    const calibration = take(train, Math.min(examples, train.size)).input;
    return quantize(source, calibration, { method, bits: Number(bits) as WeightBits, keep, validation: test });
  },
  binary: (source, { test }) => binarize(source, { validation: test }),
};

/** Converts a model, measures it on the test data, writes it and prints a report. */
export async function compress(path: string, options: CompressOptions): Promise<void> {
  const asked = (['int8', 'binary'] as const).filter((kind) => options[kind]);
  expect(asked.length === 1, 'OPTION', () => ({
    where: 'compress',
    what: 'the kind of compression',
    expected: '--int8 or --binary',
    actual: asked.length ? 'both' : 'none',
  }));
  const [kind] = asked as ['int8' | 'binary'];
  const { out = `model.${kind}.convolt`, json } = options;
  const { metadata } = await readSafetensors(path);
  const sets = await loadData(options.data ?? metadata.data ?? 'digits', 0);
  const source = await openSource(path, metadata.format);
  const { model, report } = await kinds[kind](source, sets, options);
  await model.save(out);
  console.log(json ? JSON.stringify({ file: out, ...report }) : `${showCompression(report)}\nsaved ${out}`);
  source.dispose();
  model.dispose();
}
