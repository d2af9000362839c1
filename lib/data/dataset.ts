/** Examples with their targets, proven to fit together. */
import { expect, expectOptions } from '../graph/errors';
import { type Shape, showShape, sizeOf, type Tensor, type TypedArray } from '../graph/tensor';
import { expectWhole } from '../graph/whole';

/** Row i of `input` belongs to row i of `target`. */
export interface Dataset {
  readonly input: Tensor;
  /** Class labels are int32 [N], from 0. */
  readonly target: Tensor;
  /** Number of examples. */
  readonly size: number;
  /** Number of classes, where targets are class labels. */
  readonly classes?: number;
  readonly name: string;
}

export interface DatasetOptions {
  /** Number of classes; labels are then checked to be below it. */
  readonly classes?: number;
  /** For messages and descriptions. Default `dataset`. */
  readonly name?: string;
}

/** `[3, 0, 1]`: the place of element `position` in a tensor. */
function placeOf(position: number, shape: Shape): string {
  const place: number[] = [];
  let rest = position;
  for (const length of [...shape].reverse()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return showShape(place);
}

function expectFinite(name: string, what: string, { dtype, shape, data }: Tensor): void {
  if (dtype !== 'float32') return;
  const wrong = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  expect(wrong < 0, 'VALUE', () => ({
    where: name,
    what: `every number of the ${what}`,
    expected: 'finite',
    actual: `${data[wrong]} at ${placeOf(wrong, shape)}`,
  }));
}

function expectLabels(name: string, { dtype, shape, data }: Tensor, classes: number): void {
  expectWhole(name, 'the number of classes', classes, 1);
  expect(dtype === 'int32' && shape.length === 1, 'DATA', () => ({
    where: name,
    what: 'the target',
    expected: 'int32 labels [N], as it has classes',
    actual: `${dtype}${showShape(shape)}`,
  }));
  const wrong = (data as Int32Array).findIndex((label) => label < 0 || label >= classes);
  expect(wrong < 0, 'VALUE', () => ({
    where: name,
    what: 'every label',
    expected: `between 0 and ${classes - 1}`,
    actual: `${data[wrong]} at ${placeOf(wrong, shape)}`,
  }));
}

/**
 * Joins inputs and targets.
 *
 * @param input one example per row [N, ...]
 * @param target one target per row [N, ...]; class labels are int32 [N]
 * @throws ConvoltError `DATA` for no example or unequal numbers, `VALUE` for NaN and infinity (naming the place) and for
 *   labels that are not below `classes`
 */
export function dataset(input: Tensor, target: Tensor, options: DatasetOptions = {}): Dataset {
  expectOptions('dataset', options, ['classes', 'name']);
  const { classes, name = 'dataset' } = options;
  const [size = 0] = input.shape;
  const [targets = 0] = target.shape;
  expect(size > 0 && input.data.length > 0, 'DATA', () => ({
    where: name,
    what: 'the input',
    expected: 'one example at least, [N, ...]',
    actual: showShape(input.shape),
  }));
  expect(size === targets, 'DATA', () => ({
    where: name,
    what: 'the number of targets',
    expected: `${size}, that of the inputs`,
    actual: String(targets),
  }));
  expectFinite(name, 'input', input);
  expectFinite(name, 'target', target);
  if (classes !== undefined) expectLabels(name, target, classes);
  return { input, target, size, classes, name };
}

function rowsAt(tensor: Tensor, indices: ArrayLike<number>): Tensor {
  const width = sizeOf(tensor.shape.slice(1));
  const ArrayType = tensor.data.constructor as new (length: number) => TypedArray;
  const data = new ArrayType(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const from = (indices[row] as number) * width;
    data.set(tensor.data.subarray(from, from + width), row * width);
  }
  return { dtype: tensor.dtype, shape: [indices.length, ...tensor.shape.slice(1)], data };
}

/**
 * The examples at `indices`, copied, in that order.
 *
 * @throws ConvoltError `VALUE` for an index that no example has, `DATA` for no index
 */
export function subset(whole: Dataset, indices: ArrayLike<number>): Dataset {
  const { name, size } = whole;
  expect(indices.length > 0, 'DATA', () => ({
    where: `subset of ${name}`,
    what: 'the number of indices',
    expected: 'above 0',
    actual: '0',
  }));
  const wrong = Array.from(indices).find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  expect(wrong === undefined, 'VALUE', () => ({
    where: `subset of ${name}`,
    what: 'every index',
    expected: `between 0 and ${size - 1}`,
    actual: String(wrong),
  }));
  return {
    ...whole,
    input: rowsAt(whole.input, indices),
    target: rowsAt(whole.target, indices),
    size: indices.length,
  };
}

/**
 * The first `count` examples.
 *
 * @throws ConvoltError `DATA` when there are fewer
 */
export function take(whole: Dataset, count: number): Dataset {
  expectWhole(`take of ${whole.name}`, 'the count', count, 1);
  expect(count <= whole.size, 'DATA', () => ({
    where: `take of ${whole.name}`,
    what: 'the count',
    expected: `at most ${whole.size}, the number of examples`,
    actual: String(count),
  }));
  return subset(
    whole,
    Int32Array.from({ length: count }, (_, i) => i),
  );
}

/** How many examples each class has. */
export function classCounts({ target, classes = 0 }: Dataset): number[] {
  const counts = new Array<number>(classes).fill(0);
  if (classes) for (const label of target.data) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** `digits: 1797 examples of float32[8, 8, 1], 10 classes of 174 to 183`. */
export function describe(whole: Dataset): string {
  const { name, size, input, target, classes } = whole;
  const counts = classCounts(whole);
  const shares = `${classes} classes of ${Math.min(...counts)} to ${Math.max(...counts)}`;
  const targets = classes ? shares : `targets ${target.dtype}${showShape(target.shape.slice(1))}`;
  return `${name}: ${size} examples of ${input.dtype}${showShape(input.shape.slice(1))}, ${targets}`;
}
