/** The library's call for each call that the golden generators name. */

import * as functions from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import * as losses from '../../lib/losses';
import * as ops from '../../lib/ops';
import { layerCalls } from './layer-calls';
import { recurrentCall } from './recurrent-call';

/** Options as the golden file spells them; each call knows its own. */
// biome-ignore lint/suspicious/noExplicitAny: plain data from a JSON file
type Options = any;

export type Call = (inputs: readonly Value[], options: Options) => Value | readonly Value[];

type Unary = (x: Value) => Value;
type Binary = (x: Value, y: Value) => Value;

const unary =
  (f: Unary): Call =>
  ([x]) =>
    f(x as Value);
const binary =
  (f: Binary): Call =>
  ([x, y]) =>
    f(x as Value, y as Value);
const withOptions =
  (f: (x: Value, options: Options) => Value | readonly Value[]): Call =>
  ([x], options) =>
    f(x as Value, options);

const lossOf =
  (make: (options: Options) => losses.Loss): Call =>
  ([x, y], options) =>
    make(options)(x as Value, y as Value);
const marginOf =
  (make: (options: Options) => losses.Loss<losses.ClassScores>): Call =>
  ([features, weight, y], options) =>
    make(options)({ features: features as Value, weight: weight as Value }, y as Value);

const byName = <F>(make: (f: F) => Call, functions: Readonly<Record<string, F>>): Record<string, Call> =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, make(f)]));

const {
  abs,
  add,
  adaptiveAveragePool,
  argmax,
  argmin,
  averagePool,
  concat,
  conv2d,
  conv2dTranspose,
  cos,
  div,
  equal,
  exp,
  expm1,
  floor,
  gather,
  globalAveragePool,
  globalMaxPool,
  im2col,
  less,
  log,
  log1p,
  logSumExp,
  matmul,
  max,
  maximum,
  maxPool,
  mean,
  min,
  minimum,
  mod,
  mul,
  oneHot,
  pad,
  pow,
  prod,
  reciprocal,
  reshape,
  round,
  sigmoid,
  sign,
  sin,
  slice,
  split,
  sqrt,
  stack,
  sub,
  sum,
  takeAlongAxis,
  tanh,
  topK,
  transpose,
  variance,
  col2im,
  scatterAdd,
} = ops;

const { absoluteError, binaryCrossEntropy, crossEntropy, hinge, klDivergence, ramp, smoothL1 } = losses;
const { amSoftmax, aSoftmax, lSoftmax, squaredError, tukeyBiweight } = losses;

export const calls: Readonly<Record<string, Call>> = {
  ...layerCalls,
  ...byName<Unary>(unary, {
    abs,
    cos,
    exp,
    expm1,
    floor,
    globalAveragePool,
    globalMaxPool,
    log,
    log1p,
    reciprocal,
    round,
    sigmoid,
    sign,
    sin,
    sqrt,
    tanh,
    relu: functions.relu,
    relu6: functions.relu6,
  }),
  ...byName<Binary>(binary, { add, div, equal, less, maximum, minimum, mod, mul, pow, sub, takeAlongAxis }),
  ...byName(withOptions, {
    argmax,
    argmin,
    averagePool,
    col2im,
    im2col,
    logSoftmax: functions.logSoftmax,
    max,
    mean,
    min,
    pad,
    prod,
    slice,
    softmax: functions.softmax,
    sum,
    variance,
    logSumExp: (x: Value, options: Options) => logSumExp(x, Object.keys(options).length ? options : { axes: -1 }),
    maxPool: (x: Value, options: Options) => maxPool(x, options).node.outputs,
    adaptiveAveragePool: (x: Value, { size }: Options) => adaptiveAveragePool(x, size),
    oneHot: (x: Value, { depth }: Options) => oneHot(x, depth),
    reshape: (x: Value, { shape }: Options) => reshape(x, shape),
    split: (x: Value, { sizes, axis }: Options) => split(x, sizes, { axis }),
    topK: (x: Value, options: Options) => Object.values(topK(x, options)),
    transpose: (x: Value, { permutation }: Options) => transpose(x, permutation),
  }),
  addmm: ([c, a, b], options) => add(c as Value, matmul(a as Value, b as Value, options)),
  batchNorm: ([x, gamma, beta]) => {
    const {
      output,
      mean: centre,
      variance: spread,
    } = functions.batchNormalize(x as Value, { gamma: gamma as Value, beta: beta as Value });
    return [output, centre, spread];
  },
  ...byName(lossOf, { absoluteError, binaryCrossEntropy, crossEntropy, hinge, klDivergence, ramp, smoothL1 }),
  ...byName(lossOf, { squaredError, tukeyBiweight }),
  ...byName(marginOf, { aSoftmax, amSoftmax, lSoftmax }),
  contrastive: ([first, second, y], options) =>
    losses.contrastive(options)({ first: first as Value, second: second as Value }, y as Value),
  concat: (values, options) => concat(values, options),
  conv2d: ([x, w], options) => conv2d(x as Value, w as Value, options),
  conv2dTranspose: ([x, w], options) => conv2dTranspose(x as Value, w as Value, options),
  diamond: ([a, b]) => {
    const e = mul(add(a as Value, b as Value), add(b as Value, 1));
    return add(mul(e, exp(div(e, -10))), tanh(mul(a as Value, e)));
  },
  embedding: ([table, i]) => gather(table as Value, i as Value),
  gather: ([table, i], options) => gather(table as Value, i as Value, options),
  linear: ([x, w, b]) => add(matmul(x as Value, w as Value), b as Value),
  matmul: ([a, b]) => matmul(a as Value, b as Value),
  recurrent: recurrentCall,
  scatterAdd: ([i, updates], options) => scatterAdd(i as Value, updates as Value, options),
  stack: (values, options) => stack(values, options),
};
