/** Pooling to a given size, whatever the size of the images. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import type { Shape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { max, mean } from './reduce';
import { expectSizes } from './shape';
import { type Pair, resolvePair } from './window';

function expectImages(where: string, what: string, value: Value): void {
  expectDType(where, what, value, 'float32');
  expectRank(where, what, value, 4, '[N, H, W, C]');
  expectSizes(where, value.shape.slice(1, 3), 1);
}

/** y[n, i, j, c] = mean of x[n, h, w, c] over floor(i H / h') <= h < ceil((i + 1) H / h') and likewise w. */
const poolOp = defineOp<{ size: Pair }>({
  name: 'adaptiveAveragePool',
  kind: 'kernel',
  infer: ([x], { size }) => {
    expectImages('adaptiveAveragePool', 'the input', x as Value);
    const [n, , , channels] = (x as Value).shape as [number, number, number, number];
    return { dtype: 'float32', shape: [n, ...size, channels] };
  },
  gradient: ({ inputs: [x] }, [g]) => [
    g ? (gradOp([g], { inputShape: (x as Value).shape }).outputs[0] as Value) : null,
  ],
  encode: () => [],
});

/** gx[n, h, w, c] = sum over the bins that hold h and w of gy[n, i, j, c] / elements of the bin. */
const gradOp = defineOp<{ inputShape: Shape }>({
  name: 'adaptiveAveragePoolGrad',
  kind: 'kernel',
  infer: ([gy], { inputShape }) => {
    expectImages('adaptiveAveragePoolGrad', 'the gradient', gy as Value);
    return { dtype: 'float32', shape: inputShape };
  },
  gradient: ({ inputs: [gy] }, [g]) => [
    g ? adaptiveAveragePool(g, (gy as Value).shape.slice(1, 3) as unknown as Pair) : null,
  ],
  encode: () => [],
});

/**
 * Averages over bins that cover the image, of almost equal sizes; bins may overlap by a pixel.
 *
 * @param x images [N, H, W, C]
 * @param size height and width of the result
 * @returns [N, ...size, C]
 * @throws ConvoltError `VALUE` unless the sizes are whole numbers above 0
 */
export function adaptiveAveragePool(x: Value, size: number | Pair): Value {
  const sizes = resolvePair('adaptiveAveragePool', 'the size', size, 1);
  return poolOp([x], { size: sizes }).outputs[0] as Value;
}

/** The mean of every channel of `x` [N, H, W, C] over the whole image: [N, C]. */
export function globalAveragePool(x: Value): Value {
  expectImages('globalAveragePool', 'the input', x);
  return mean(x, { axes: [1, 2] });
}

/** The maximum of every channel of `x` [N, H, W, C] over the whole image: [N, C]. */
export function globalMaxPool(x: Value): Value {
  expectImages('globalMaxPool', 'the input', x);
  return max(x, { axes: [1, 2] });
}
