/** Fourier transforms in float64, by their definition: X_k = sum of x_j e^(-2 pi i j k / n). */
import type { Compute, Family, Tensor64 } from './tensor64';

/** Sums rows of complex numbers [rows, from] to [rows, to]: y_k = sum of x_j e^(sign 2 pi i j k / n). */
function transform(
  [re, im]: readonly [Float64Array, Float64Array],
  [from, to, n]: readonly [number, number, number],
  sign: number,
): [Float64Array, Float64Array] {
  const rows = re.length / from;
  const [yRe, yIm] = [new Float64Array(rows * to), new Float64Array(rows * to)];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < to; k++) {
      for (let j = 0; j < from; j++) {
        const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const [a, b] = [re[row * from + j] as number, im[row * from + j] as number];
        yRe[row * to + k] = (yRe[row * to + k] as number) + a * c - b * s;
        yIm[row * to + k] = (yIm[row * to + k] as number) + a * s + b * c;
      }
    }
  }
  return [yRe, yIm];
}

const last = ({ shape }: Tensor64): number => shape.at(-1) as number;

const complex: Compute = ({ attributes }, re, im) => {
  const n = last(re as Tensor64);
  const { inverse } = attributes as { inverse: boolean };
  const parts = transform([(re as Tensor64).data, (im as Tensor64).data], [n, n, n], inverse ? 1 : -1);
  return inverse ? parts.map((part) => part.map((x) => x / n)) : parts;
};

const real: Compute = (_, x) => {
  const n = last(x as Tensor64);
  const { data } = x as Tensor64;
  return transform([data, new Float64Array(data.length)], [n, Math.floor(n / 2) + 1, n], -1);
};

/** The half spectrum completed by conjugates, transformed back; what is left of the imaginary part is dropped. */
const inverseReal: Compute = ({ attributes }, re, im) => {
  const { length: n } = attributes as { length: number };
  const half = last(re as Tensor64);
  const rows = (re as Tensor64).data.length / half;
  const whole: [Float64Array, Float64Array] = [new Float64Array(rows * n), new Float64Array(rows * n)];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < n; k++) {
      const at = row * half + (k < half ? k : n - k);
      whole[0][row * n + k] = (re as Tensor64).data[at] as number;
      whole[1][row * n + k] = (k < half ? 1 : -1) * ((im as Tensor64).data[at] as number);
    }
  }
  return [transform(whole, [n, n, n], 1)[0].map((x) => x / n)];
};

export const fft: Family = { fft: complex, realFft: real, inverseRealFft: inverseReal };
