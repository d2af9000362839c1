/** Measures and predictions over whole datasets, batch by batch. */
import { expect } from '../graph/errors';
import { allocate, sizeOf, type Tensor } from '../graph/tensor';
import { makeResident, releaseResident, residentSource } from './batch-source';
import { type InputData, tensorsOf } from './model';
import { type Means, RunningMeans } from './history';
import type { Session } from './session';

/** Input and target rows that belong together. */
export interface Examples {
  readonly input: InputData;
  readonly target: InputData;
}

/** Number of examples: the length of the first axis, which all parts share. */
export function countOf(where: string, data: InputData): number {
  const lengths = Object.entries(tensorsOf('input', data)).map(([name, { shape }]) => ({ name, length: shape[0] ?? 0 }));
  const [first] = lengths;
  for (const { name, length } of lengths) {
    expect(length === first?.length && length > 0, 'DATA', () => ({
      where, what: `the number of examples in ${name}`, expected: first?.length ? String(first.length) : 'above 0', actual: String(length),
    }));
  }
  return first?.length ?? 0;
}

/** Row numbers `start`, `start + 1`, ... */
const range = (start: number, length: number): Int32Array => Int32Array.from({ length }, (_, i) => start + i);

let residents = 0;

/** A name for a dataset's place in the store that no other has. */
export const newResidentName = (): string => `set${++residents}`;

/** Means over a dataset that already lives in the store under `name`. */
export async function evaluateResident(session: Session, name: string, examples: Examples, batchSize: number): Promise<Means> {
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
 * @param options.batchSize examples per native step; default 256
 * @throws ConvoltError `DATA` for an empty dataset or inputs and targets of unequal number
 */
export async function evaluate(session: Session, examples: Examples, options: { batchSize?: number } = {}): Promise<Means> {
  expectSameCount('evaluate', examples);
  const name = newResidentName();
  makeResident(session.executor, name, examples.input, examples.target);
  try {
    return await evaluateResident(session, name, examples, options.batchSize ?? 256);
  } finally {
    releaseResident(session.executor, name);
  }
}

/** Throws unless inputs and targets are as many. */
export function expectSameCount(where: string, { input, target }: Examples): number {
  const count = countOf(where, input);
  const targets = countOf(where, target);
  expect(count === targets, 'DATA', () => ({
    where, what: 'the number of targets', expected: `${count}, that of the inputs`, actual: String(targets),
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
 */
export async function predict(session: Session, input: Tensor, options: { batchSize?: number } = {}): Promise<Tensor> {
  const { batchSize = 256 } = options;
  const count = countOf('predict', input);
  const parts: Tensor[] = [];
  for (let start = 0; start < count; start += batchSize) {
    parts.push(await session.run(rowsOf(input, start, Math.min(batchSize, count - start))));
  }
  const [first] = parts as [Tensor];
  const data = allocate(first.dtype, parts.reduce((total, part) => total + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { dtype: first.dtype, shape: [count, ...first.shape.slice(1)], data };
}
