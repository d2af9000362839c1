/** Patches of images as rows of a matrix, and the adjoint that adds them back to the image. */
import { defineOp, expectDType, expectRank } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { type Shape, sameShape, showShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectSizes } from './shape';
import {
  encodeSliding,
  outputSizes,
  type Pair,
  resolvePair,
  resolveSliding,
  type Sliding,
  type SlidingOptions,
} from './window';

/** The window and how it slides. */
export interface Im2colOptions extends SlidingOptions {
  window: number | Pair;
}

type Im2colAttributes = Sliding & { readonly window: Pair };

const encode = (attributes: Im2colAttributes): number[] => [...attributes.window, ...encodeSliding(attributes)];

function columnsShape(where: string, image: Shape, attributes: Im2colAttributes): Shape {
  const [n, , , channels] = image as [number, number, number, number];
  const [height, width] = attributes.window;
  return [n, ...outputSizes(where, image, attributes.window, attributes), height * width * channels];
}

/** columns[n, i, j, (u, v, c)] = x[n, i*s + u*d - p, j*s + v*d - p, c], or 0 in the padding. */
const im2colOp = defineOp<Im2colAttributes>({
  name: 'im2col',
  kind: 'kernel',
  infer: ([x], attributes) => {
    expectDType('im2col', 'the input', x as Value, 'float32');
    expectRank('im2col', 'the input', x as Value, 4, '[N, H, W, C]');
    return { dtype: 'float32', shape: columnsShape('im2col', (x as Value).shape, attributes) };
  },
  gradient: ({ inputs: [x], attributes }, [g]) => [g ? addColumns(g, attributes, (x as Value).shape) : null],
  encode,
});

/** x[n, h, w, c] = sum of columns[n, i, j, (u, v, c)] over the i, u and j, v that meet at h and w. */
const col2imOp = defineOp<Im2colAttributes & { inputShape: Shape }>({
  name: 'col2im',
  kind: 'kernel',
  infer: ([columns], attributes) => {
    const { dtype, shape } = columns as Value;
    expectDType('col2im', 'the columns', columns as Value, 'float32');
    const fitting = columnsShape('col2im', attributes.inputShape, attributes);
    expect(sameShape(shape, fitting), 'SHAPE', () => ({
      where: 'col2im',
      what: 'the columns',
      expected: showShape(fitting),
      actual: showShape(shape),
      details: { input: showShape(attributes.inputShape) },
    }));
    return { dtype, shape: attributes.inputShape };
  },
  gradient: ({ attributes }, [g]) => [g ? makeColumns(g, attributes) : null],
  encode,
});

const explicit = ({ window, stride, padding, dilation }: Im2colAttributes) => ({ window, stride, padding, dilation });

const makeColumns = (x: Value, attributes: Im2colAttributes): Value =>
  im2colOp([x], explicit(attributes)).outputs[0] as Value;

const addColumns = (columns: Value, attributes: Im2colAttributes, inputShape: Shape): Value =>
  col2imOp([columns], { ...explicit(attributes), inputShape }).outputs[0] as Value;

function resolve(where: string, image: Shape, options: Im2colOptions): Im2colAttributes {
  const window = resolvePair(where, 'the window', options.window, 1);
  return { window, ...resolveSliding(where, image, window, options) };
}

const known = ['window', 'stride', 'padding', 'dilation'];

/**
 * The patch under every position of a window, as one row; a convolution is then a product with the weights
 * [kh * kw * C, K].
 *
 * @param x images [N, H, W, C]
 * @returns [N, OH, OW, kh * kw * C]
 * @throws ConvoltError `SHAPE` when the window is larger than the padded image; `VALUE`, `OPTION` for bad options
 */
export function im2col(x: Value, options: Im2colOptions): Value {
  expectOptions('im2col', options, known);
  expectRank('im2col', 'the input', x, 4, '[N, H, W, C]');
  return makeColumns(x, resolve('im2col', x.shape, options));
}

/**
 * The adjoint of `im2col`: an image of zeros to which every patch is added at its place.
 *
 * @param columns [N, OH, OW, kh * kw * C]
 * @param options those of `im2col`, and the shape [N, H, W, C] of the image
 * @throws ConvoltError `SHAPE` when the columns are not those of such an image
 */
export function col2im(columns: Value, options: Im2colOptions & { inputShape: Shape }): Value {
  expectOptions('col2im', options, [...known, 'inputShape']);
  const { inputShape } = options;
  expectSizes('col2im', inputShape, 0);
  expect(inputShape.length === 4, 'SHAPE', () => ({
    where: 'col2im',
    what: 'the input shape',
    expected: '[N, H, W, C]',
    actual: showShape(inputShape),
  }));
  return addColumns(columns, resolve('col2im', inputShape, options), inputShape);
}
