/** Normalisations of activations by their own channels, and of features by the batch. */
import { type L2NormalizeOptions, l2Normalize as l2NormalizeOf } from '../functions/l2-normalize';
import {
  type LocalResponseOptions,
  localResponseNorm as localResponseNormOf,
  resolveLocalResponse,
} from '../functions/local-response-norm';
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { constant } from '../initializers/constant';
import { mul } from '../ops/elementwise';
import { type BatchNormOptions, batchNorm } from './batch-norm';
import { type Layer, layer } from './layer';

/**
 * b_i = a_i / (k + alpha * sum of a_j^2 over n channels around i)^beta, with n = 5, k = 2, alpha = 1e-4, beta = 0.75
 * (Krizhevsky et al. 2012, AlexNet).
 *
 * @param options.alphaMode 'perN' divides alpha by n, as PyTorch and Caffe do; default 'sum'
 * @example sequential(conv2d(96, 11, { stride: 4 }), relu(), localResponseNorm())
 */
export function localResponseNorm(options: LocalResponseOptions = {}): Layer {
  const resolved = resolveLocalResponse(options);
  return layer('localResponseNorm', (x) => localResponseNormOf(x, resolved));
}

/**
 * x / |x| along the channels, times a learned factor for each channel if a `scale` is given (Liu et al. 2016, ParseNet;
 * 20 in SSD).
 *
 * Parameter: `scale` [C], with the option `scale`.
 *
 * @param options.scale the factors at first; default none
 * @example l2Normalize({ scale: 20 })
 */
export function l2Normalize(options: Omit<L2NormalizeOptions, 'axis'> & { scale?: number } = {}): Layer {
  expectOptions('l2Normalize', options, ['epsilon', 'scale']);
  const { scale, ...rest } = options;
  if (scale !== undefined) expectNumber('l2Normalize', 'scale', scale);
  return layer('l2Normalize', (x, scope) => {
    const normalized = l2NormalizeOf(x, rest);
    return scale === undefined
      ? normalized
      : mul(normalized, scope.param('scale', [x.shape.at(-1) as number], constant(scale)));
  });
}

/**
 * Batch normalisation without learned numbers, directly below the objective: every feature of the batch has mean 0 and
 * variance 1 (Hasnat et al. 2017, DeepVisage).
 *
 * States: `batchNorm.mean`, `batchNorm.variance`.
 *
 * @param options `momentum` and `epsilon` of `batchNorm`
 * @example sequential(features, featureNorm(), dense(classes))
 */
export function featureNorm(options: Omit<BatchNormOptions, 'affine'> = {}): Layer {
  expectOptions('featureNorm', options, ['momentum', 'epsilon']);
  const plain = batchNorm({ ...options, affine: false });
  return layer('featureNorm', (x, scope) => plain(x, scope));
}
