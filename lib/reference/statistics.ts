/** Variances of channels, the last axis, in float64. */
import type { Family, Tensor64 } from './tensor64';

/** E[(x - E[x])^2] of every channel. */
function variances({ data }: Tensor64, channels: number): number[] {
  const rows = data.length / channels;
  return Array.from({ length: channels }, (_, c) => {
    const own = data.filter((_value, i) => i % channels === c);
    const mean = own.reduce((a, b) => a + b, 0) / rows;
    return own.reduce((total, value) => total + (value - mean) ** 2, 0) / rows;
  });
}

export const statistics: Family = {
  exactVariance: (_, x, offset, variance) => {
    const exact = variances(x, variance.data.length);
    return [
      variance.data.map((value, c) =>
        x.data.length > 0 && (offset.data[c] as number) ** 2 > 64 * value ? (exact[c] as number) : value,
      ),
    ];
  },
};
