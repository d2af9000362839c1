/** Measures and predictions over whole datasets, batch by batch. */
import { expect, expectOptions } from '../graph/errors';
import { allocate, sizeOf, type Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { makeResident, releaseResident, residentSource } from './batch-source';
import { type Means, RunningMeans } from './history';
import { type InputData, tensorsOf } from './model';
import type { Session } from './session';

/** Input and target rows that belong together. */
export interface Examples {
  readonly input: InputData;
  readonly target: InputData;
}

/** Number of examples: the length of the first axis, which all parts share. */
export function countOf(where: string, data: InputData, part = 'input'): number {
  const lengths = Object.entries(tensorsOf(part, data)).map(([name, { shape }]) => ({ name, length: shape[0] ?? 0 }));
  const [first] = lengths;
  for (const { name, length } of lengths) {
    expect(length === first?.length && length > 0, 'DATA', () => ({
      where,
      what: `the number of examples in ${name}`,
      expected: first?.length ? String(first.length) : 'above 0',
      actual: String(length),
    }));
  }
  return first?.length ?? 0;
}

export interface BatchingOptions {
  /** Examples per native step. Default 256. */
  readonly batchSize?: number;
}

function batchSizeOf(where: string, options: BatchingOptions): number {
  expectOptions(where, options, ['batchSize']);
  const { batchSize = 256 } = options;
  expectWhole(where, 'the batch size', batchSize, 1);
  return batchSize;
}

/** Row numbers `start`, `start + 1`, ... */
const range = (start: number, length: number): Int32Array => Int32Array.from({ length }, (_, i) => start + i);

let residents = 0;

/** A name for a dataset's place in the store that no other has. */
export const newResidentName = (): string => `set${++residents}`;

/** Means over a dataset that already lives in the store under `name`. */
export async function evaluateResident(
  session: Session,
  name: string,
  examples: Examples,
  batchSize: number,
): Promise<Means> {
  const count = countOf('evaluate', examples.input);
  const running = new RunningMeans();
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start);
    const program = await session.evaluationProgram(residentSource(name, examples.input, examples.target, size));
    const { outputs } = await program.run({ index: range(start, size) });
    running.add(Object.fromEntries(Object.entries(outputs).map(([key, { data }]) => [key, data])), 1, size);
  }
  return running.means;
}

/**
 * Mean loss and metrics over a dataset.
 *
 * @throws ConvoltError `DATA` for an empty dataset or inputs and targets of unequal number, `VALUE` for a batch size
 *   below 1
 */
export async function evaluate(session: Session, examples: Examples, options: BatchingOptions = {}): Promise<Means> {
  const batchSize = batchSizeOf('evaluate', options);
  expectSameCount('evaluate', examples);
  const name = newResidentName();
  try {
    makeResident(session.executor, name, examples.input, examples.target);
    return await evaluateResident(session, name, examples, batchSize);
  } finally {
    releaseResident(session.executor, name);
  }
}

/** Throws unless inputs and targets are as many. */
export function expectSameCount(where: string, { input, target }: Examples): number {
  const count = countOf(where, input);
  const targets = countOf(where, target, 'target');
  expect(count === targets, 'DATA', () => ({
    where,
    what: 'the number of targets',
    expected: `${count}, that of the inputs`,
    actual: String(targets),
  }));
  return count;
}

/** Rows [start, start + size) of a tensor; shares its memory. */
export function rowsOf(tensor: Tensor, start: number, size: number): Tensor {
  const row = sizeOf(tensor.shape.slice(1));
  const data = tensor.data.subarray(start * row, (start + size) * row);
  return { dtype: tensor.dtype, shape: [size, ...tensor.shape.slice(1)], data };
}

/**
 * The model's output for many inputs, computed in batches.
 *
 * @returns one row per example
 * @throws ConvoltError `DATA` for no input, `VALUE` for a batch size below 1
 */
export async function predict(session: Session, input: Tensor, options: BatchingOptions = {}): Promise<Tensor> {
  const batchSize = batchSizeOf('predict', options);
  const count = countOf('predict', input);
  const parts: Tensor[] = [];
  for (let start = 0; start < count; start += batchSize) {
    parts.push(await session.run(rowsOf(input, start, Math.min(batchSize, count - start))));
  }
  const [first] = parts as [Tensor];
  const data = allocate(
    first.dtype,
    parts.reduce((total, part) => total + part.data.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { dtype: first.dtype, shape: [count, ...first.shape.slice(1)], data };
}
