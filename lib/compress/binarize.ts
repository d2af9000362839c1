/** Conversion of trained binary networks: what was +-1 in floats becomes bits (Rastegari et al. 2016, XNOR-Net). */
import { binarizeGraph } from '../compiler/binarize-graph';
import { weightsPerFilter } from '../compiler/binary-layers';
import { type BinaryPlan, planBinary } from '../compiler/binary-plan';
import { packConstants } from '../compiler/packed-constants';
import { simplify } from '../compiler/simplify';
import type { Template } from '../compiler/template';
import { complaint, expect, expectOptions } from '../graph/errors';
import { allocate, sizeOf, type TensorType, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import type { Metric } from '../metrics';
import { accuracy } from '../metrics';
import { fusingPasses, type InputTypes } from '../models/compile-for-inference';
import { countOf, type Examples } from '../models/evaluate';
import { InferenceModel } from '../models/inference';
import type { InputData } from '../models/model';
import { Session } from '../models/session';
import { bytesOfBits } from '../ops/pack-bits';
import { planThresholds } from './binary-thresholds';
import { isUnder } from './keep';
import { type CompressionReport, compareModels, floatBytes, type LayerReport } from './report';
import { outputsAt, rewriteTemplate } from './rewrite-template';
import { rowsOfData } from './rows';
import { openSource } from './source';

export interface BinarizeOptions {
  /** Of a session: an example input, or its type. Default: the input of `validation`. */
  readonly input?: InputTypes;
  /** Paths of layers that must be converted. Default none: what cannot be is named in the report. */
  readonly layers?: readonly string[];
  /** Examples to measure accuracy on, before and after. */
  readonly validation?: Examples;
  /** What is measured on them, for each example. Default `metrics.accuracy()`. */
  readonly metric?: Metric;
}

/** A model of bits, and what was gained and lost. */
export interface BinarizedModel {
  readonly model: InferenceModel;
  readonly report: CompressionReport;
}

const where = 'binarize';

/** What the model of a session is given: said so, or like the data. */
function inputOf({ validation, input = validation?.input as InputTypes | undefined }: BinarizeOptions): InputTypes {
  if (input) return input;
  throw complaint('OPTION', {
    where,
    what: "the option 'input' or 'validation'",
    expected: 'given for a session, whose model can take inputs of many types',
    actual: 'neither',
  });
}

const pathOf = (path: string | undefined): string => path ?? '';

/** Layers as the report names them: those that were converted first. */
function layersOf({ layers, kept }: BinaryPlan): LayerReport[] {
  const converted = layers.map((layer): LayerReport => {
    const { node, signs, magnitudes } = layer;
    const { shape } = node.inputs[1] as Value;
    const filters = magnitudes.length;
    const rows = sizeOf(shape.slice(0, -2));
    const bits = signs
      ? filters * rows * bytesOfBits(shape.at(-2) as number)
      : sizeOf(shape.slice(0, -1)) * bytesOfBits(filters);
    const op = signs
      ? node.op.name === 'conv2d'
        ? 'binaryConv2d'
        : 'binaryMatmul'
      : `${node.op.name} with packed weights`;
    return {
      path: pathOf(node.path),
      op,
      converted: true,
      parameters: weightsPerFilter(layer) * filters,
      bytes: { before: floatBytes(shape), after: bits },
    };
  });
  const others = kept.map(({ node, reason }) => ({
    path: pathOf(node.path),
    op: node.op.name,
    converted: false,
    reason,
  }));
  return [...converted, ...others];
}

/** Throws unless something is converted, and everything that was claimed to be binary. */
function expectConverted(reports: readonly LayerReport[], claimed: readonly string[]): void {
  const shown = (list: readonly LayerReport[]) =>
    list.slice(0, 5).map(({ path, op, reason }) => `${path || op}: ${reason}`);
  for (const layer of claimed) {
    const named = reports.filter(({ path }) => isUnder(path, layer));
    const refused = named.filter(({ converted }) => !converted);
    expect(named.length > 0 && refused.length === 0, 'STATE', () => ({
      where,
      what: `the layer '${layer}'`,
      expected: 'of +-1',
      actual: shown(refused).join('; ') || 'no convolution or product',
    }));
  }
  expect(
    reports.some(({ converted }) => converted),
    'STATE',
    () => ({
      where,
      what: 'the model',
      expected: 'one with a convolution or product of weights of +-1, e.g. of a binaryConv2d',
      actual: ['none', ...shown(reports)].join('; '),
    }),
  );
}

/** Zeros for a model's inputs, where no data are given. */
function blank(inputs: Readonly<Record<string, TensorType>>, count: number): InputData {
  const made = Object.entries(inputs).map(([name, { dtype, shape }]) => {
    const whole = shape.map((length) => (length === -1 ? count : length));
    return [name.replace(/^input\./, ''), tensor(allocate(dtype, sizeOf(whole)), whole, dtype)] as const;
  });
  return Object.keys(inputs).join() === 'input' ? (made[0]?.[1] as InputData) : Object.fromEntries(made);
}

/** Bits wherever weights are +-1. */
async function converted(template: Template, plan: BinaryPlan): Promise<Template> {
  const thresholds = await planThresholds(plan);
  const bits = (roots: readonly Value[]) => binarizeGraph(planBinary(roots), thresholds);
  return packConstants(await rewriteTemplate(template, [bits, simplify, ...fusingPasses]));
}

/**
 * Converts a model with layers of +-1 (`layers.binaryConv2d`, `layers.binaryDense`, or any whose weights are +-1 times one
 * number per filter) for deployment. Every weight is looked at.
 *
 * - Input and weights of +-1: 64 products become one machine operation, and their sums are whole numbers. A sum
 *   that ends in a sign (batch normalisation and whatever else is between, and max pooling) is compared with a threshold,
 *   at the very number where the sign of the float computation changes, so that layers that follow each other exchange
 *   nothing but bits. Sums that are read as floats get the arithmetic of the float model. Both agree with it exactly.
 * - Weights of +-1 and a real input: the file holds one bit for a weight, and the model computes as before.
 * - Anything else stays as it is; the report says why.
 *
 * The result is an ordinary inference model: it is saved, loaded and asked as any other, and needs no code.
 *
 * @param source a trained session, or a model that was compiled for inference (from a file, too)
 * @throws ConvoltError `STATE` when nothing is +-1, or something in `layers` is not; `OPTION` for a session without an
 *   example of its input, and for unknown options
 * @example
 * const { model, report } = await compress.binarize(session, { validation: test });
 * await model.save('net.binary.convolt');
 */
export async function binarize(
  source: Session | InferenceModel,
  options: BinarizeOptions = {},
): Promise<BinarizedModel> {
  expectOptions(where, options, ['input', 'layers', 'validation', 'metric']);
  const { layers = [], validation, metric = accuracy() } = options;
  if (validation) countOf(where, validation.input);
  const input = source instanceof Session ? inputOf(options) : source.inputs;
  const { float, template } = await openSource(where, source, input);
  const plan = planBinary(Object.values(outputsAt(template, 1)));
  const reports = layersOf(plan);
  expectConverted(reports, layers);
  const model = new InferenceModel({ inputs: float.frozen.inputs, template: await converted(template, plan) });
  const isAnyBatch = Object.values(float.inputs).every(({ shape }) => shape[0] === -1);
  const size = isAnyBatch ? Math.min(validation ? countOf(where, validation.input) : 16, 16) : 1;
  const rows = validation && isAnyBatch ? rowsOfData(validation.input, 0, size) : blank(float.inputs, size);
  const measures = await compareModels(float, model, { rows, size }, { examples: validation, metric });
  if (source instanceof Session) float.dispose();
  return { model, report: { ...measures, layers: reports } };
}
