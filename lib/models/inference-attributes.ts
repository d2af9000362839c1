/** What the attributes of ops may be in the file of an inference model, by name. */
import { dtypes } from '../graph/tensor';
import { binaryResults } from '../ops/binary-output';
import { convolutionAlgorithms } from '../ops/convolution-algorithm';

export type Entries = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => boolean;

export const isRecord = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWhole: Check = (value) => Number.isSafeInteger(value);
export const isAtLeast =
  (least: number): Check =>
  (value) =>
    isWhole(value) && (value as number) >= least;

/** A number of 0 or more, or a multiple of the batch size. */
const isSize: Check = (value) =>
  isAtLeast(0)(value) || (isRecord(value) && Object.keys(value).join() === 'batch' && isAtLeast(1)(value.batch));

export const listOf =
  (check: Check, length?: number): Check =>
  (value) =>
    Array.isArray(value) && (length === undefined || value.length === length) && value.every(check);

const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);

const isFlag = oneOf(true, false);
const isNumber: Check = (value) => typeof value === 'number';
const isClip = listOf(isNumber, 2);
export const isSizes = listOf(isSize);

/** What the attributes of all ops may be, by name. */
export const attributeChecks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(['shape', 'inputShape', 'weightShape'].map((name) => [name, isSizes])),
  ...Object.fromEntries(['axes', 'permutation', 'before', 'after'].map((name) => [name, listOf(isAtLeast(0))])),
  ...Object.fromEntries(['stride', 'dilation', 'window'].map((name) => [name, listOf(isAtLeast(1), 2)])),
  ...Object.fromEntries(
    ['transposeA', 'transposeB', 'ceil', 'countIncludePad', 'inverse'].map((name) => [name, isFlag]),
  ),
  ...Object.fromEntries(['axis', 'depth', 'k', 'n', 'steps', 'stream'].map((name) => [name, isSize])),
  has: listOf(isFlag),
  begin: isSizes,
  size: (value) => isSize(value) || isSizes(value),
  step: listOf(isWhole),
  padding: listOf(isAtLeast(0), 4),
  groups: isAtLeast(1),
  channels: isAtLeast(1),
  paddingValue: oneOf(0, 1, -1),
  result: oneOf(...binaryResults),
  algorithm: oneOf(...convolutionAlgorithms),
  expansionClip: (value) => value === null || isClip(value),
  filterClip: isClip,
  mode: oneOf('constant', 'reflect', 'replicate'),
  value: isNumber,
  dtype: oneOf(...dtypes),
  length: isAtLeast(1),
  reverse: isFlag,
  hasLengths: isFlag,
  recompute: isFlag,
  inverse: isFlag,
  ...Object.fromEntries(['scale', 'inputScale', 'addScale', 'low', 'high'].map((name) => [name, isNumber])),
  ...Object.fromEntries(['zero', 'zeroPoint', 'inputZero', 'addZero'].map((name) => [name, isAtLeast(0)])),
  output: oneOf('uint8', 'float32'),
};
