/** Products of bytes with a matrix of weights of one byte. */
import { expectRank } from '../graph/define-op';
import { complaint, expectOptions } from '../graph/errors';
import { showShape, sizeOf } from '../graph/tensor';
import type { Value } from '../graph/value';
import { type QuantizedOptions, quantizedConv2d } from './quantized-conv2d';
import { reshape } from './shape';

/**
 * The product of quantized rows and weights, as a 1x1 convolution of `quantizedConv2d`, whose arithmetic it has:
 * y = clamp(round(float(bias[n] + sum over k of (x[..., k] - inputZero) * weight[k, n]) * scale[n]) + zero, low, high).
 *
 * @param x uint8 [..., K]
 * @param weight int8 [K, N]
 * @param bias int32 [N]
 * @param scale float32 [N]
 * @returns [..., N], uint8 if `output.zero` is given, else float32
 * @throws ConvoltError `DTYPE` and `SHAPE` when the operands do not fit together; `VALUE` when a zero, a bound or a scale
 *   is out of its range; `OPTION` for unknown options
 * @example quantizedMatmul(x, weight, bias, scale, { inputZero: 128 }) // float32 [N, out] of uint8 [N, in]
 */
export function quantizedMatmul(
  x: Value,
  weight: Value,
  bias: Value,
  scale: Value,
  options: QuantizedOptions = {},
): Value {
  expectOptions('quantizedMatmul', options, ['inputZero', 'addend', 'output']);
  expectRank('quantizedMatmul', 'the weights', weight, 2, '[K, N]');
  const [inner, columns] = weight.shape as [number, number];
  if (x.shape.length === 0 || x.shape.at(-1) !== inner) {
    throw complaint('SHAPE', {
      where: 'quantizedMatmul',
      what: 'the operands',
      expected: '[..., K] and [K, N]',
      actual: `${showShape(x.shape)} and ${showShape(weight.shape)}`,
    });
  }
  const lead = x.shape.slice(0, -1);
  const asRows = (value: Value, length: number): Value => reshape(value, [sizeOf(lead), 1, 1, length]);
  const { addend } = options;
  const flat = addend && { ...addend, value: asRows(addend.value, columns) };
  const filters = reshape(weight, [1, 1, inner, columns]);
  const y = quantizedConv2d(asRows(x, inner), filters, bias, scale, { ...options, ...(flat && { addend: flat }) });
  return reshape(y, [...lead, columns]);
}
