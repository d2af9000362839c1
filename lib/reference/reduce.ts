/** Reductions in float64: every element is folded into the output element whose index is 0 on the folded axes. */

import { sizeOf } from '../graph/tensor';
import { attributesOf, type Compute, type Family, indicesOf, offsetOf, outputShape } from './tensor64';

const fold =
  (start: number, combine: (total: number, x: number) => number): Compute =>
  (node, x) => {
    const { axes } = attributesOf<{ axes: readonly number[] }>(node);
    const shape = outputShape(node);
    const folded = new Float64Array(sizeOf(shape)).fill(start);
    let from = 0;
    for (const index of indicesOf(x.shape)) {
      const to = offsetOf(
        index.map((i, axis) => (axes.includes(axis) ? 0 : i)),
        shape,
      );
      folded[to] = combine(folded[to] as number, x.data[from++] as number);
    }
    return [folded];
  };

/** Position of the best number along `axis`; the first of equals, and the first NaN before everything. */
const positionOf =
  (better: (candidate: number, best: number) => boolean): Compute =>
  (node, x) => {
    const { axis } = attributesOf<{ axis: number }>(node);
    const length = x.shape[axis] as number;
    const found: number[] = [];
    for (const index of indicesOf(outputShape(node))) {
      const along = (i: number) => x.data[offsetOf(index.toSpliced(axis, 0, i), x.shape)] as number;
      let best = 0;
      for (let i = 1; i < length; i++) {
        if (better(along(i), along(best)) || (Number.isNaN(along(i)) && !Number.isNaN(along(best)))) best = i;
      }
      found.push(best);
    }
    return [found];
  };

export const reduce: Family = {
  sum: fold(0, (total, x) => total + x),
  prod: fold(1, (total, x) => total * x),
  max: fold(Number.NEGATIVE_INFINITY, Math.max),
  min: fold(Number.POSITIVE_INFINITY, Math.min),
  argmax: positionOf((candidate, best) => candidate > best),
  argmin: positionOf((candidate, best) => candidate < best),
};
