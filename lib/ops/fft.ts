/** Fourier transforms of rows: complex numbers are pairs of values, their real and imaginary parts. */
import { defineOp, expectDType } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { mul } from './elementwise';
import { constant } from './source';

/** Complex numbers [..., n]. */
export interface Complex {
  readonly re: Value;
  readonly im: Value;
}

function expectPair(where: string, re: Value, im: Value): void {
  for (const part of [re, im]) expectDType(where, 'the input', part, 'float32');
  const isFit = re.shape.length > 0 && (re.shape.at(-1) as number) > 0 && sameShape(re.shape, im.shape);
  expect(isFit, 'SHAPE', () => ({
    where,
    what: 'real and imaginary part',
    expected: 'of one shape [..., n] with n of 1 or more',
    actual: `${showType(re)} and ${showType(im)}`,
  }));
}

/** y_k = sum of x_j e^(-2 pi i j k / n); inverse: sum of x_j e^(2 pi i j k / n) / n. The adjoint of one is the other, times n or 1 / n. */
const fftOp = defineOp<{ inverse: boolean }>({
  name: 'fft',
  kind: 'kernel',
  infer: (inputs) => {
    const [re, im] = inputs as [Value, Value];
    expectPair('fft', re, im);
    return [re, im].map(({ shape }) => ({ dtype: 'float32', shape }));
  },
  gradient: ({ inputs: [x], attributes: { inverse } }, [gRe, gIm]) => {
    const zero = mul(x as Value, 0);
    const [re, im] = fftOp([gRe ?? zero, gIm ?? zero], { inverse: !inverse }).outputs as [Value, Value];
    const n = (x as Value).shape.at(-1) as number;
    const factor = inverse ? 1 / n : n;
    return [mul(re, factor), mul(im, factor)];
  },
  encode: ({ inverse }) => [Number(inverse)],
});

/** What each number of half a spectrum stands for: itself, or itself and its conjugate. */
function multiplicity(n: number): Float32Array {
  return Float32Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => (k === 0 || 2 * k === n ? 1 : 2));
}

/** The first n / 2 + 1 numbers of the transform of real rows. */
const realFftOp = defineOp<Record<string, never>>({
  name: 'realFft',
  kind: 'kernel',
  infer: ([input]) => {
    const x = input as Value;
    expectPair('realFft', x, x);
    const shape = [...x.shape.slice(0, -1), Math.floor((x.shape.at(-1) as number) / 2) + 1];
    return [
      { dtype: 'float32', shape },
      { dtype: 'float32', shape },
    ];
  },
  gradient: ({ inputs: [input], outputs: [y] }, [gRe, gIm]) => {
    const n = (input as Value).shape.at(-1) as number;
    const zero = mul(y as Value, 0);
    const share = constant(multiplicity(n).map((count) => n / count));
    const [re, im] = [gRe ?? zero, gIm ?? zero].map((g) => mul(g, share)) as [Value, Value];
    return [inverseRealFft({ re, im }, { length: n })];
  },
  encode: () => [],
});

/** Real rows of half a spectrum; imaginary parts that no real row has are not read. */
const inverseRealFftOp = defineOp<{ length: number }>({
  name: 'inverseRealFft',
  kind: 'kernel',
  infer: (inputs, { length }) => {
    const [re, im] = inputs as [Value, Value];
    expectPair('inverseRealFft', re, im);
    expect(re.shape.at(-1) === Math.floor(length / 2) + 1, 'SHAPE', () => ({
      where: 'inverseRealFft',
      what: 'the spectrum',
      expected: `[..., ${Math.floor(length / 2) + 1}] for rows of ${length}`,
      actual: showType(re),
    }));
    return { dtype: 'float32', shape: [...re.shape.slice(0, -1), length] };
  },
  gradient: ({ attributes: { length } }, [g]) => {
    if (!g) return [null, null];
    const { re, im } = realFft(g);
    const share = constant(multiplicity(length).map((count) => count / length));
    return [mul(re, share), mul(im, share)];
  },
  encode: () => [],
});

/**
 * The discrete Fourier transform X_k = sum over j of x_j e^(-2 pi i j k / n) of the last axis, for any length n.
 *
 * @param x real and imaginary part, float32 [..., n] each; quickest where n has small prime factors only
 * @throws ConvoltError `SHAPE` or `DTYPE` when the parts differ
 * @example fft({ re: constant([1, 2, 3, 4]), im: constant([0, 0, 0, 0]) }) // 10, -2 + 2i, -2, -2 - 2i
 */
export function fft({ re, im }: Complex): Complex {
  const outputs = fftOp([re, im], { inverse: false }).outputs as [Value, Value];
  return { re: outputs[0], im: outputs[1] };
}

/** The inverse of `fft`: x_j = sum over k of X_k e^(2 pi i j k / n) / n. */
export function inverseFft({ re, im }: Complex): Complex {
  const outputs = fftOp([re, im], { inverse: true }).outputs as [Value, Value];
  return { re: outputs[0], im: outputs[1] };
}

/**
 * `fft` of real numbers [..., n], at half the work: the first floor(n / 2) + 1 numbers; the others are their conjugates,
 * X_(n - k) = conjugate of X_k.
 *
 * @throws ConvoltError `SHAPE` or `DTYPE` for anything but float32 [..., n]
 */
export function realFft(x: Value): Complex {
  const outputs = realFftOp([x], {}).outputs as [Value, Value];
  return { re: outputs[0], im: outputs[1] };
}

/**
 * The inverse of `realFft`: real numbers [..., length]. A product of spectra becomes a circular convolution:
 * `inverseRealFft(realFft(w) * realFft(x))` is the product of x with the circulant matrix of w, in n log n steps.
 *
 * @param options.length n: 2 m - 2 or 2 m - 1 for m numbers
 * @throws ConvoltError `SHAPE` or `DTYPE` when the parts or the length do not fit
 */
export function inverseRealFft({ re, im }: Complex, options: { length: number }): Value {
  expectOptions('inverseRealFft', options, ['length']);
  expectWhole('inverseRealFft', 'the length', options.length, 1);
  return inverseRealFftOp([re, im], { length: options.length }).outputs[0] as Value;
}
