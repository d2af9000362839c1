/** Fully connected layers of +-1. */
import { binarySign } from '../functions/binary-sign';
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { abs } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import { mean } from '../ops/reduce';
import { finish } from './affine';
import {
  type BinaryAffineOptions,
  binaryWeightOf,
  expectBinaryOptions,
  hasBinaryInput,
  hasScaleMap,
  rescaled,
} from './binary-affine';
import { type Layer, layer } from './layer';

/**
 * y = activation(alpha K (x B) + b): [N, ..., F] to [N, ..., units], B the signs of the weights; `method` says whether x
 * is its sign and which of the factors there are. K is the mean of |x| over the features.
 *
 * Parameters: `weight` [F, units], real numbers from -1 to 1, and `bias` [units] if asked for (default: none, since batch
 * normalisation normally stands beside it). Networks keep their first and last layer real: use `dense` there.
 * `compress.binarize` makes bits of the trained layer.
 *
 * @throws ConvoltError `OPTION` for an option that the method does not have; `SHAPE` while tracing when x has fewer than
 *   two axes
 * @example sequential(batchNorm(), binaryDense(512, { method: 'bnn' }), batchNorm(), relu(), dense(10))
 */
export function binaryDense(units: number, options: BinaryAffineOptions = {}): Layer {
  expectWhole('binaryDense', 'the number of units', units, 1);
  expectBinaryOptions('binaryDense', options);
  const { bias = false, surrogate } = options;
  return layer('binaryDense', (x, scope) => {
    expect(x.shape.length >= 2, 'SHAPE', () => ({
      where: 'binaryDense',
      what: 'the input',
      expected: '[N, ..., F]',
      actual: showType(x),
    }));
    const { weight, scale } = binaryWeightOf(scope, [x.shape.at(-1) as number, units], options);
    const y = matmul(hasBinaryInput(options) ? binarySign(x, { surrogate }) : x, weight);
    const map = hasScaleMap(options) ? mean(abs(x), { axes: -1, keepDims: true }) : undefined;
    return finish(rescaled(y, scale, map), scope, { ...options, bias });
  });
}
