/** Pooling by a sliding window: maxima with the places of the first maximal elements, and averages. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { takeAlongAxis } from './along-axis';
import {
  encodePool,
  type PoolAttributes,
  type PoolOptions,
  pooledShape,
  poolOptionNames,
  resolvePool,
} from './pool-window';
import { reshape } from './shape';
import { transpose } from './transpose';

export { adaptiveAveragePool, globalAveragePool, globalMaxPool } from './adaptive-pool';
export type { PoolOptions } from './pool-window';

/** Of averages: `countIncludePad` (default true) divides by the whole window, padding included. */
export interface AveragePoolOptions extends PoolOptions {
  countIncludePad?: boolean;
}

type AverageAttributes = PoolAttributes & { readonly countIncludePad: boolean };

const encodeAverage = (attributes: AverageAttributes): number[] => [
  ...encodePool(attributes),
  Number(attributes.countIncludePad),
];

function expectImages(where: string, what: string, value: Value): void {
  expectDType(where, what, value, 'float32');
  expectRank(where, what, value, 4, '[N, H, W, C]');
}

/** y[n, i, j, c] = max over u, v of x[n, i*s + u - p, j*s + v - p, c]; indices[n, i, j, c] = h * W + w of the first. Bytes have no indices. */
const maxPoolOp = defineOp<PoolAttributes>({
  name: 'maxPool',
  kind: 'kernel',
  optionalFrom: 1,
  infer: ([x], attributes) => {
    const { dtype } = x as Value;
    expectDType('maxPool', 'the input', x as Value, 'float32', 'uint8');
    expectRank('maxPool', 'the input', x as Value, 4, '[N, H, W, C]');
    const shape = pooledShape('maxPool', (x as Value).shape, attributes);
    if (dtype === 'uint8') return { dtype, shape };
    return [
      { dtype: 'float32', shape },
      { dtype: 'int32', shape },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices] }, [g]) => [
    g ? addToPlanes(g, indices as Value, (x as Value).shape) : null,
  ],
  encode: encodePool,
});

/** gx = 0, then gx[n, indices[n, i, j, c], c] += gy[n, i, j, c]. */
const maxPoolGradOp = defineOp<{ inputShape: Shape }>({
  name: 'maxPoolGrad',
  kind: 'kernel',
  infer: (inputs, { inputShape }) => {
    const [gy, indices] = inputs as [Value, Value];
    expectImages('maxPoolGrad', 'the gradient', gy);
    expectDType('maxPoolGrad', 'the indices', indices, 'int32');
    expect(sameShape(gy.shape, indices.shape), 'SHAPE', () => ({
      where: 'maxPoolGrad',
      what: 'the indices',
      expected: `of the gradient's shape ${showShape(gy.shape)}`,
      actual: showShape(indices.shape),
    }));
    return { dtype: 'float32', shape: inputShape };
  },
  gradient: ({ inputs: [, indices] }, [g]) => [g ? takeFromPlanes(g, indices as Value) : null, null],
  encode: () => [],
});

/** Values added to an image of zeros, at their places. */
export const addToPlanes = (gy: Value, indices: Value, inputShape: Shape): Value =>
  maxPoolGradOp([gy, indices], { inputShape }).outputs[0] as Value;

/** y[n, i, j, c] = x[n, indices[n, i, j, c], c], where indices are places h * W + w. */
function takeFromPlanes(x: Value, indices: Value): Value {
  const planes = (value: Value): Value => {
    const [n, height, width, channels] = value.shape as [number, number, number, number];
    return reshape(transpose(value, [0, 3, 1, 2]), [n, channels, height * width]);
  };
  const [n, height, width, channels] = indices.shape as [number, number, number, number];
  const taken = takeAlongAxis(planes(x), planes(indices));
  return transpose(reshape(taken, [n, channels, height, width]), [0, 2, 3, 1]);
}

/** y[n, i, j, c] = sum over u, v of x[n, i*s + u - p, j*s + v - p, c] / elements of the window. */
const averagePoolOp = defineOp<AverageAttributes>({
  name: 'averagePool',
  kind: 'kernel',
  infer: ([x], attributes) => {
    expectImages('averagePool', 'the input', x as Value);
    return { dtype: 'float32', shape: pooledShape('averagePool', (x as Value).shape, attributes) };
  },
  gradient: ({ inputs: [x], attributes }, [g]) => [g ? averageGrad(g, attributes, (x as Value).shape) : null],
  encode: encodeAverage,
});

/** gx[n, h, w, c] = sum over the windows that hold h and w of gy[n, i, j, c] / elements of the window. */
const averagePoolGradOp = defineOp<AverageAttributes & { inputShape: Shape }>({
  name: 'averagePoolGrad',
  kind: 'kernel',
  infer: ([gy], attributes) => {
    const { inputShape } = attributes;
    expectImages('averagePoolGrad', 'the gradient', gy as Value);
    const pooled = pooledShape('averagePoolGrad', inputShape, attributes);
    expect(sameShape((gy as Value).shape, pooled), 'SHAPE', () => ({
      where: 'averagePoolGrad',
      what: 'the gradient',
      expected: showShape(pooled),
      actual: showShape((gy as Value).shape),
      details: { input: showShape(inputShape) },
    }));
    return { dtype: 'float32', shape: inputShape };
  },
  gradient: ({ attributes: { inputShape: _, ...attributes } }, [g]) => [g ? average(g, attributes) : null],
  encode: encodeAverage,
});

const average = (x: Value, attributes: AverageAttributes): Value => averagePoolOp([x], attributes).outputs[0] as Value;

const averageGrad = (gy: Value, attributes: AverageAttributes, inputShape: Shape): Value =>
  averagePoolGradOp([gy], { ...attributes, inputShape }).outputs[0] as Value;

/**
 * The maximum under every position of a window; NaN is above everything. The gradient goes to the first maximal element.
 *
 * @param x images [N, H, W, C], float32, or uint8 (quantized: the largest byte stands for the largest number)
 * @returns [N, OH, OW, C] of the same type; of float32, output 1 of its node holds the places h * W + w of the maxima
 * @throws ConvoltError `SHAPE` when the window is larger than the padded image; `VALUE`, `OPTION` for bad options
 * @example maxPool(x, { window: 2 }) // halves height and width
 */
export function maxPool(x: Value, options: PoolOptions): Value {
  expectOptions('maxPool', options, poolOptionNames);
  return maxPoolOp([x], resolvePool('maxPool', x, options)).outputs[0] as Value;
}

/**
 * The mean under every position of a window.
 *
 * @param x images [N, H, W, C]
 * @returns [N, OH, OW, C]
 * @throws ConvoltError `SHAPE` when the window is larger than the padded image; `VALUE`, `OPTION` for bad options
 */
export function averagePool(x: Value, options: AveragePoolOptions): Value {
  expectOptions('averagePool', options, [...poolOptionNames, 'countIncludePad']);
  const { countIncludePad = true } = options;
  return average(x, { ...resolvePool('averagePool', x, options), countIncludePad });
}
