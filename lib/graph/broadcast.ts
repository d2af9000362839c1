/** NumPy's broadcasting rule: shapes are aligned at the right, sizes of 1 stretch. */
import { complaint } from './errors';
import { type Shape, showShape } from './tensor';

/**
 * The common shape of `shapes`.
 *
 * @throws ConvoltError `SHAPE` naming all shapes when they do not fit
 */
export function broadcastShapes(where: string, shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((length, i) => {
      const axis = rank - shape.length + i;
      if (length === 1) return;
      if (result[axis] !== 1 && result[axis] !== length) {
        throw complaint('SHAPE', {
          where,
          what: 'the shapes',
          expected: 'equal, or 1, on every axis counted from the right',
          actual: shapes.map(showShape).join(' and '),
        });
      }
      result[axis] = length;
    });
  }
  return result;
}

/** The axes of `to` along which a value of shape `from` was stretched. */
export function stretchedAxes(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length;
  return to.flatMap((length, axis) => (axis < lead || (from[axis - lead] === 1 && length !== 1) ? [axis] : []));
}
