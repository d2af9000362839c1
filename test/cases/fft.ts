/** Fourier transforms: lengths with small and large factors, primes, single numbers, no rows. */
import { fft, inverseFft, inverseRealFft, realFft } from '../../lib/ops/fft';
import type { OpCase } from './case';

const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 22, 64, 97, 100, 1000];

export const fftCases: OpCase[] = lengths.flatMap((n): OpCase[] => {
  const half = Math.floor(n / 2) + 1;
  const tolerance = { absolute: 1e-5 * Math.sqrt(n), relative: 1e-4 };
  const small = n <= 16;
  return [
    {
      name: `fft of rows of ${n}`,
      op: 'fft',
      tolerance,
      differentiable: small,
      inputs: [{ shape: [3, n] }, { shape: [3, n] }],
      build: (re, im) => Object.values(fft({ re, im })),
    },
    {
      name: `inverse fft of rows of ${n}`,
      op: 'fft',
      differentiable: small,
      inputs: [{ shape: [2, 3, n] }, { shape: [2, 3, n] }],
      build: (re, im) => Object.values(inverseFft({ re, im })),
    },
    {
      name: `real fft of rows of ${n}`,
      op: 'realFft',
      tolerance,
      differentiable: small,
      inputs: [{ shape: [3, n] }],
      build: (x) => Object.values(realFft(x)),
    },
    {
      name: `inverse real fft of rows of ${n}`,
      op: 'inverseRealFft',
      differentiable: small,
      inputs: [{ shape: [3, half] }, { shape: [3, half] }],
      build: (re, im) => inverseRealFft({ re, im }, { length: n }),
    },
  ];
});

fftCases.push(
  {
    name: 'real fft of many rows',
    op: 'realFft',
    inputs: [{ shape: [1031, 24] }],
    build: (x) => Object.values(realFft(x)),
  },
  {
    name: 'fft of no rows',
    op: 'fft',
    inputs: [{ shape: [0, 4] }, { shape: [0, 4] }],
    build: (re, im) => Object.values(fft({ re, im })),
  },
  { name: 'real fft of a vector', op: 'realFft', inputs: [{ shape: [9] }], build: (x) => Object.values(realFft(x)) },
);
