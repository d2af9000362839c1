/** What a model is: a function of its input and a scope. Every layer is one. */
import { expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Tensor, TensorType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { feed } from '../ops/source';

/** One input, or several by name. */
export type ModelInput = Value | Readonly<Record<string, Value>>;

/** A model: traced once per input signature; its output is one value, or several by name. */
// biome-ignore lint/suspicious/noExplicitAny: a model of one input and a model of named inputs are both models
export type Model = (input: any, scope: Scope) => Value | Readonly<Record<string, Value>>;

/** Numbers for a model: one tensor, or several by name. */
export type InputData = Tensor | Readonly<Record<string, Tensor>>;

/**
 * A per-example function of prediction and target: losses and metrics. It may keep states in its scope, and may give
 * several parts by name: their sum counts, and each is reported.
 */
// biome-ignore lint/suspicious/noExplicitAny: targets may be one value or several by name
export type Criterion = (prediction: any, target: any, scope: Scope) => Value | Readonly<Record<string, Value>>;

const isObject = (data: unknown): data is object => typeof data === 'object' && data !== null;

export const isTensor = (data: InputData | TensorType): data is Tensor => 'dtype' in data && 'shape' in data;

/** The tensors of `data` by feed name: `input`, or `input.<name>` for several. */
export function tensorsOf(prefix: string, data: InputData): Record<string, Tensor> {
  if (isObject(data) && isTensor(data)) return { [prefix]: data };
  expect(isObject(data) && Object.values(data).every((part) => isObject(part) && isTensor(part)), 'DTYPE', () => ({
    where: prefix,
    what: 'the data',
    expected: 'a tensor, or tensors by name',
    actual: Array.isArray(data) ? 'an array' : typeof data,
  }));
  return Object.fromEntries(Object.entries(data).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
}

/** Feeds for tensors like `data`, and the model input made of them. */
export function feedsFor(prefix: string, data: InputData): { feeds: Value[]; value: ModelInput } {
  const made = (name: string, { shape, dtype }: Tensor) => feed(name, shape, dtype);
  if (isTensor(data)) {
    const value = made(prefix, data);
    return { feeds: [value], value };
  }
  const values = Object.fromEntries(Object.entries(data).map(([name, one]) => [name, made(`${prefix}.${name}`, one)]));
  return { feeds: Object.values(values), value: values };
}

/** Applies `change` to the one value or to each of several. */
export function mapInput(input: ModelInput, change: (value: Value, name: string) => Value, prefix: string): ModelInput {
  if ('node' in input && 'index' in input) return change(input as Value, prefix);
  const named = Object.entries(input as Record<string, Value>);
  return Object.fromEntries(named.map(([name, value]) => [name, change(value, `${prefix}.${name}`)]));
}

/** Text that is equal just for equal types: programs are kept by it. */
export function signatureOf(tensors: Readonly<Record<string, TensorType>>): string {
  return Object.entries(tensors)
    .map(([name, { dtype, shape }]) => `${name}:${dtype}[${shape.join()}]`)
    .join(' ');
}
