/** The shape that a convolution gives its result, whatever its numbers are. */
import { expect } from '../graph/errors';
import { type Shape, showShape } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { outputSizes, type Sliding } from './window';

/** The shape of y for x [N, H, W, C] and w [kh, kw, C / groups, K]; a complaint when they do not fit. */
export function convolvedShape(where: string, x: Shape, w: Shape, attributes: Sliding & { groups: number }): Shape {
  const { groups } = attributes;
  const [n, , , channels] = x as [number, number, number, number];
  const [height, width, groupChannels, filters] = w as [number, number, number, number];
  for (const size of [height, width, groupChannels, filters]) expectWhole(where, 'every size of the weights', size, 1);
  expect(channels % groups === 0 && filters % groups === 0, 'SHAPE', () => ({
    where,
    what: 'channels and filters',
    expected: `divisible by ${groups} groups`,
    actual: `${channels} and ${filters}`,
    details: { input: showShape(x), weights: showShape(w) },
  }));
  expect(channels === groupChannels * groups, 'SHAPE', () => ({
    where,
    what: 'the weights',
    expected: `[kh, kw, ${channels / groups}, K] for ${channels} channels in ${groups} groups`,
    actual: showShape(w),
    details: { input: showShape(x) },
  }));
  return [n, ...outputSizes(where, x, [height, width], attributes), filters];
}
