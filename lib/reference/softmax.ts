/** Softmax and its logarithm in float64, over the last axis: p = e^(x - max x) / sum of e^(x - max x). */
import type { Compute, Family } from './tensor64';

/** Applies `transform` to every row of the last axis. */
const byRow =
  (transform: (row: Float64Array) => Float64Array): Compute =>
  (_, x) => {
    const width = x.shape.at(-1) as number;
    const result = new Float64Array(x.data.length);
    for (let from = 0; from < result.length; from += width) {
      result.set(transform(x.data.slice(from, from + width)), from);
    }
    return [result];
  };

const logSumExp = (row: Float64Array): number => {
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(row.reduce((total, value) => total + Math.exp(value - top), 0));
};

export const softmax: Family = {
  logSoftmax: byRow((row) => {
    const total = logSumExp(row);
    return row.map((value) => value - total);
  }),
  softmax: byRow((row) => {
    const total = logSumExp(row);
    return row.map((value) => Math.exp(value - total));
  }),
};
