/** What binary convolutions and products make of their sums: the sums, scaled floats, or bits for the next layer. */
import { expectDType } from '../graph/define-op';
import { complaint, expect } from '../graph/errors';
import { type Shape, showShape, showType, type TensorType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { bytesOfBits } from './pack-bits';

/** y[..., k] = dot[..., k] * scale[k] + offset[k], both float32 [K]. */
export interface ScaledOutput {
  readonly scale: Value;
  readonly offset: Value;
}

/**
 * Bit k = (dot[..., k] >= threshold[k]) xor flip[k], with an int32 and a bool (or uint8) of each filter. Batch
 * normalization and the sign after it are such a comparison: gamma (dot - mean) / deviation + beta >= 0 where
 * dot >= ceil(mean - beta * deviation / gamma), and the other way round (`flip`) where gamma is negative.
 */
export interface BitOutput {
  readonly threshold: Value;
  readonly flip: Value;
}

/** What becomes of the sums; `'int32'` gives them as they are. */
export type BinaryOutput = 'int32' | ScaledOutput | BitOutput;

/** The forms, in the order of the native core. */
export const binaryResults = ['int32', 'float32', 'bits'] as const;
export type BinaryResult = (typeof binaryResults)[number];

/** The form of `output`, and its operands. */
export function resolveOutput(
  where: string,
  output: BinaryOutput,
): { result: BinaryResult; vectors: readonly Value[] } {
  if (output === 'int32') return { result: 'int32', vectors: [] };
  const named = Object.entries(output ?? {}).filter(([, value]) => isValue(value));
  const vectors = Object.fromEntries(named) as Partial<ScaledOutput & BitOutput>;
  const names = Object.keys(output ?? {})
    .sort()
    .join();
  if (names === 'offset,scale' && vectors.scale && vectors.offset) {
    return { result: 'float32', vectors: [vectors.scale, vectors.offset] };
  }
  if (names === 'flip,threshold' && vectors.threshold && vectors.flip) {
    return { result: 'bits', vectors: [vectors.threshold, vectors.flip] };
  }
  throw complaint('OPTION', {
    where,
    what: 'the output',
    expected: "'int32', values { scale, offset } or values { threshold, flip }",
    actual: typeof output === 'string' ? `'${output}'` : `{ ${names.replaceAll(',', ', ')} }`,
  });
}

/** The type of results [...lead, filters]; a complaint unless `vectors` are what the form needs. */
export function outputType(
  where: string,
  result: BinaryResult,
  vectors: readonly Value[],
  [lead, filters]: readonly [lead: Shape, filters: number],
): TensorType {
  const expected = { int32: [], float32: ['the scale', 'the offset'], bits: ['the threshold', 'the flip'] }[result];
  expect(vectors.length === expected.length, 'SHAPE', () => ({
    where,
    what: 'the number of operands',
    expected: String(2 + expected.length),
    actual: String(2 + vectors.length),
  }));
  for (const [i, vector] of vectors.entries()) {
    const what = expected[i] as string;
    if (result === 'float32') expectDType(where, what, vector, 'float32');
    else if (i === 0) expectDType(where, what, vector, 'int32');
    else expectDType(where, what, vector, 'bool', 'uint8');
    expect(vector.shape.length === 1 && vector.shape[0] === filters, 'SHAPE', () => ({
      where,
      what,
      expected: `${showShape([filters])}, one number for each filter`,
      actual: showType(vector),
    }));
  }
  if (result === 'bits') return { dtype: 'uint8', shape: [...lead, bytesOfBits(filters)] };
  return { dtype: result, shape: [...lead, filters] };
}
