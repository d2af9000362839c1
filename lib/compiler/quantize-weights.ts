/** Weights as whole numbers of 7 or 8 bits with a scale for each filter, and biases in units of the sums. */
import type { Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { largestOf, leastScale, symmetricScale, type WeightBits } from '../ops/quantization-range';
import { roundHalfEven } from '../ops/quantize-linear';
import type { QuantizedLayer } from './quantized-layers';

/** w[..., k] = scale[k] * weight[..., k], as near as whole numbers come. */
export interface QuantizedWeights {
  /** int8, of the weights' shape; [K, N] for products. */
  readonly weight: Tensor;
  /** [K] */
  readonly scale: Float32Array;
  /** int32 [K], in units of the input's scale times the filter's. */
  readonly bias: Tensor;
}

/** A node and its weights, with filters along the last axis unless it transposes them. */
type Weighted = Pick<QuantizedLayer, 'node' | 'weights' | 'summands'>;

/** The numbers of a constant. */
const numbersOf = (value: Value): Tensor => (value.node.attributes as { tensor: Tensor }).tensor;

/** The weights with filters along the last axis, and their shape. */
function filtersLast({ node, weights }: Weighted): { shape: readonly number[]; data: ArrayLike<number> } {
  const { shape, data } = numbersOf(weights);
  if (!node.attributes.transposeB) return { shape, data };
  const [rows, columns] = shape as [number, number];
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j] as number;
  }
  return { shape: [columns, rows], data: turned };
}

/** The sum of what is added to each filter's results. */
function biasesOf({ summands }: Weighted, filters: number): Float64Array {
  const bias = new Float64Array(filters);
  for (const { vector, sign } of summands) {
    const { data } = numbersOf(vector);
    for (let k = 0; k < filters; k++)
      bias[k] = (bias[k] as number) + sign * (data[data.length === 1 ? 0 : k] as number);
  }
  return bias;
}

/** The largest magnitude of each filter's weights. */
function largestWeights(data: ArrayLike<number>, filters: number): Float64Array {
  const largest = new Float64Array(filters);
  for (let i = 0; i < data.length; i++) {
    const k = i % filters;
    largest[k] = Math.max(largest[k] as number, Math.abs(data[i] as number));
  }
  return largest;
}

/** A bias beyond it could make sums overflow. */
const largestBias = 2 ** 30;

/**
 * Rounds the weights of a layer: q = round(w / s) with s = max |w| / 63 (or 127) for each filter, halves to even.
 *
 * @param inputScale the scale of the bytes that the layer reads
 */
export function quantizeWeights(layer: Weighted, inputScale: number, bits: WeightBits): QuantizedWeights {
  const { shape, data } = filtersLast(layer);
  const filters = shape.at(-1) as number;
  const biases = biasesOf(layer, filters);
  const most = largestOf(bits);
  const scale = Float32Array.from(largestWeights(data, filters), (largest, k) => {
    const least = Math.abs(biases[k] as number) / (inputScale * largestBias); // a filter of nothing but a bias
    return Math.max(symmetricScale(largest, bits), Math.fround(least), leastScale);
  });
  const weight = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const whole = roundHalfEven(Math.fround((data[i] as number) / (scale[i % filters] as number)));
    weight[i] = Math.min(most, Math.max(-most, whole));
  }
  const bias = Int32Array.from(biases, (number, k) => {
    const unit = Math.fround(inputScale * (scale[k] as number));
    return roundHalfEven(Math.fround(number / unit));
  });
  return {
    weight: { dtype: 'int8', shape, data: weight },
    scale,
    bias: { dtype: 'int32', shape: [filters], data: bias },
  };
}
