/** Fans: how many numbers flow into and out of each unit of a weight. */
import { expect } from '../graph/errors';
import { type Shape, showShape, sizeOf } from '../graph/tensor';

/** Which fan scales a weight: of the inputs, of the outputs, or the mean of both. */
export type FanMode = 'in' | 'out' | 'average';

export const fanModes: readonly FanMode[] = ['in', 'out', 'average'];

/**
 * The fan of a weight whose last two axes are inputs and outputs and whose other axes are the window: [in, out] of a
 * fully connected layer, [kh, kw, C / groups, K] of a convolution.
 *
 * @throws ConvoltError `SHAPE` when the shape has fewer than two axes
 */
export function fanOf(where: string, shape: Shape, mode: FanMode): number {
  expect(shape.length >= 2, 'SHAPE', () => ({
    where,
    what: 'the shape of the weight',
    expected: '[..., in, out]',
    actual: showShape(shape),
  }));
  const window = sizeOf(shape.slice(0, -2));
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const fans = { in: inputs, out: outputs, average: (inputs + outputs) / 2 };
  return window * fans[mode];
}
