/** Post-training quantization: a trained float model becomes one of bytes (Jacob et al. 2018). */

import { ByteArithmetic } from '../compiler/byte-arithmetic';
import { planQuantization, type QuantizationPlan, type RecurrentWeights } from '../compiler/quantization-plan';
import { rewriteQuantized } from '../compiler/quantize';
import { type QuantizedWeights, quantizeWeights } from '../compiler/quantize-weights';
import { simplify } from '../compiler/simplify';
import type { Template } from '../compiler/template';
import { expectChoice, expectNumber } from '../functions/option-values';
import { type ConvoltError, complaint, expect, expectOptions } from '../graph/errors';
import { sameShape, showType, type TensorType } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import type { Metric } from '../metrics';
import { accuracy } from '../metrics';
import { fusingPasses, type InputTypes } from '../models/compile-for-inference';
import { countOf, type Examples } from '../models/evaluate';
import { InferenceModel } from '../models/inference';
import { type InputData, type Model, tensorsOf } from '../models/model';
import { Session } from '../models/session';
import type { WeightBits } from '../ops/quantization-range';
import type { Quantization } from '../ops/quantize-linear';
import { hiddenQuantization } from '../ops/quantized-lstm';
import { calibrate } from './calibrate';
import { expectLayersAt, keeper } from './keep';
import { awarenessOf, learnedCodes } from './quantization-aware';
import { type CalibrationMethod, calibrationMethods } from './ranges';
import { type CompressionReport, compareModels, floatBytes, type LayerReport } from './report';
import { outputsAt, rewriteTemplate } from './rewrite-template';
import { rowsOfData } from './rows';
import { openSource } from './source';

export interface QuantizeOptions {
  /**
   * How the ranges of activations are chosen: `percentile` (default) leaves out the farthest numbers, `minMax` none;
   * `entropy` keeps most of the information, `mse` has the least mean squared error.
   */
  readonly method?: CalibrationMethod;
  /** The share of numbers that `percentile` keeps at either end, in percent. Default 99.99. */
  readonly percentile?: number;
  /** Of weights: 7 (default) is exact and quick on every processor; 8 rounds half as coarsely. */
  readonly bits?: WeightBits;
  /** Paths of layers that stay in float32, with everything below them. */
  readonly keep?: readonly string[];
  /** Examples to measure accuracy on, before and after. */
  readonly validation?: Examples;
  /** What is measured on them, for each example. Default `metrics.accuracy()`. */
  readonly metric?: Metric;
}

/** A model of bytes, and what was gained and lost. */
export interface QuantizedModel {
  readonly model: InferenceModel;
  readonly report: CompressionReport;
}

const optionNames = ['method', 'percentile', 'bits', 'keep', 'validation', 'metric'];

const where = 'quantize';

const shown = (types: Readonly<Record<string, TensorType>>): string =>
  Object.entries(types)
    .map(([name, type]) => `${name} ${showType(type)}`)
    .join(', ');

const unfitting = (expected: string, data: InputData, details?: Readonly<Record<string, string>>) =>
  complaint('SHAPE', {
    where,
    what: 'the calibration data',
    expected,
    actual: shown(tensorsOf('input', data)) || 'none',
    ...(details && { details }),
  });

function expectFit(model: InferenceModel, data: InputData): void {
  const tensors = tensorsOf('input', data);
  const isFitting = ([name, type]: [string, TensorType]): boolean => {
    const shape = tensors[name]?.shape.map((length, axis) => (type.shape[axis] === -1 ? -1 : length));
    return shape !== undefined && tensors[name]?.dtype === type.dtype && sameShape(shape, type.shape);
  };
  const wanted = Object.entries(model.inputs);
  const isComplete = wanted.length === Object.keys(tensors).length;
  if (!isComplete || !wanted.every(isFitting)) throw unfitting(shown(model.inputs), data);
}

/** Inputs that the model itself refuses are calibration data that do not fit. */
async function openFitting(source: Session | InferenceModel, data: InputData, model: Model | undefined) {
  try {
    return await openSource(where, source, data as InputTypes, model);
  } catch (error) {
    const { code, message } = error as ConvoltError;
    throw code === 'SHAPE' || code === 'STATE' ? unfitting('inputs of the model', data, { since: message }) : error;
  }
}

function layersOf({ layers, recurrent, kept }: QuantizationPlan, { own, carried }: PlanWeights): LayerReport[] {
  const report = ({ node, weights }: RecurrentWeights, { weight, bias, scale }: QuantizedWeights): LayerReport => {
    const after = weight.data.length + bias.data.byteLength + scale.byteLength;
    const bytes = { before: floatBytes(weights.shape) + 4 * scale.length, after };
    return { path: node.path ?? '', op: node.op.name, converted: true, parameters: weight.data.length, bytes };
  };
  const converted = [
    ...layers.map((layer, i) => report(layer, own[i] as QuantizedWeights)),
    ...recurrent.map((layer, i) => report(layer, carried[i] as QuantizedWeights)),
  ];
  const seen = new Set<string>();
  const isNew = ({ path = '', op }: Node) => {
    const isPart = seen.has(path) && op.kind === 'elementwise'; // of a layer that is named already
    const isNamed = seen.has(`${path} ${op.name}`);
    seen.add(path).add(`${path} ${op.name}`);
    return !isPart && !isNamed;
  };
  const others = kept.filter(({ node }) => isNew(node));
  return [
    ...converted,
    ...others.map(({ node, reason }) => ({ path: node.path ?? '', op: node.op.name, converted: false, reason })),
  ];
}

function expectLayers({ layers, recurrent, kept }: QuantizationPlan): void {
  expect(layers.length + recurrent.length > 0, 'STATE', () => {
    const reasons = kept.slice(0, 5).map(({ node, reason }) => `${node.path || node.op.name}: ${reason}`);
    return {
      where,
      what: 'the model',
      expected: 'one with a convolution or product that can be converted',
      actual: `none${reasons.length ? ` (${reasons.join('; ')})` : ''}`,
    };
  });
}

/** The plan of a template at the batch size 1: plans of all sizes have the same numbers of codes and layers. */
export const planOf = (template: Template, keep: (node: Node) => boolean): QuantizationPlan =>
  planQuantization(Object.values(outputsAt(template, 1)), keep);

/** Weights by their numbers in a plan: those of layers, and those that hidden states meet. */
interface PlanWeights {
  readonly own: readonly QuantizedWeights[];
  readonly carried: readonly QuantizedWeights[];
}

function weightsOf(plan: QuantizationPlan, codes: readonly Quantization[], bits: WeightBits): PlanWeights {
  const scaleOf = (x: Value) => (codes[plan.codeOf.get(x) as number] as Quantization).scale;
  const own = plan.layers.map((layer) => quantizeWeights(layer, scaleOf(layer.x), bits));
  const hidden = hiddenQuantization.scale;
  return { own, carried: plan.recurrent.map((layer) => quantizeWeights({ ...layer, summands: [] }, hidden, bits)) };
}

/** The template with the codes and weights of its plan put in. */
function converted(
  template: Template,
  keep: (node: Node) => boolean,
  codes: readonly Quantization[],
  { own, carried }: PlanWeights,
): Promise<Template> {
  const quantized = (roots: readonly Value[]) =>
    rewriteQuantized(planQuantization(roots, keep), new ByteArithmetic(codes, own, carried));
  return rewriteTemplate(template, [quantized, simplify, ...fusingPasses]);
}

/**
 * Quantizes a trained model to 8 bits, without training: activations become bytes with a scale for each tensor, weights
 * whole numbers with a scale for each filter, and sums are exact in int32. Between layers everything stays bytes:
 * convolutions (depthwise and grouped ones too), products, residual sums, pooling, concatenation; batch normalisation is
 * folded into weights before, ReLU is done by saturation. What has no integer form stays float32 and is named in the
 * report.
 *
 * real number = scale * (byte - zero point), y = clamp(round(sum * s_x s_w / s_y) + z_y, 0, 255)
 *
 * The result is an ordinary inference model: it is saved, loaded and asked as any other, needs no code, and gives the
 * same bits on every machine with weights of 7 bits and with those of 8.
 *
 * @param source a trained session, or a model that was compiled for inference (from a file, too)
 * @param calibrationData real inputs, some hundred examples, from which the ranges of activations are taken
 * @throws ConvoltError `DATA` without calibration data; `SHAPE` or `DTYPE` when they do not fit the model; `NOT_FINITE`
 *   when they lead to NaN or infinity; `STATE` when nothing in the model can be converted; `OPTION`, `VALUE` for bad
 *   options
 * @example
 * const { model, report } = await compress.quantize(session, train.input, { validation: test });
 * await model.save('net.int8.convolt');
 */
export async function quantize(
  source: Session | InferenceModel,
  calibrationData: InputData,
  options: QuantizeOptions = {},
): Promise<QuantizedModel> {
  expectOptions(where, options, optionNames);
  const { method = 'percentile', percentile = 99.99, validation, metric = accuracy() } = options;
  expectChoice(where, 'method', method, calibrationMethods);
  expectNumber(where, 'percentile', percentile, { above: 50, most: 100 });
  const aware = source instanceof Session ? awarenessOf(source.model) : undefined;
  const { bits = aware?.bits ?? 7, keep: paths = aware?.keep ?? [] } = options;
  expectChoice(where, 'bits', String(bits), ['7', '8']);
  const count = countOf(where, calibrationData);
  const { float, template } = await openFitting(source, calibrationData, aware?.model);
  expectFit(float, calibrationData);
  expectLayersAt(where, paths, template.nodes);
  const keep = keeper(paths);
  const plan = planOf(template, keep);
  expectLayers(plan);
  const isAnyBatch = Object.values(float.inputs).every(({ shape }) => shape[0] === -1);
  const codes = aware
    ? learnedCodes(source as Session, plan.codes)
    : await calibrate(template, calibrationData, { method, percent: percentile, keep, isAnyBatch });
  const weights = weightsOf(plan, codes, bits);
  const model = new InferenceModel({ ...float.frozen, template: await converted(template, keep, codes, weights) });
  const size = isAnyBatch ? Math.min(count, 16) : 1;
  const rows = isAnyBatch ? rowsOfData(calibrationData, 0, size) : calibrationData;
  const measures = await compareModels(float, model, { rows, size }, { examples: validation, metric });
  if (source instanceof Session) float.dispose();
  return { model, report: { ...measures, layers: layersOf(plan, weights) } };
}
