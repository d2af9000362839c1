/** What the options of a scan do to its cell: steps that are left out, and steps at which gradients stop. */
import { expectDType } from '../graph/define-op';
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { less, where } from './elementwise';
import { reshape, stopGradient } from './shape';
import { constant } from './source';

/** Bool [N, T], true in the first `lengths[n]` steps of example n. */
export function maskOfLengths(lengths: Value, steps: number): Value {
  expectDType('scan', 'the lengths', lengths, 'int32');
  expect(lengths.shape.length === 1, 'SHAPE', () => ({
    where: 'scan',
    what: 'the lengths',
    expected: '[N]',
    actual: showType(lengths),
  }));
  const positions = constant(Int32Array.from({ length: steps }, (_, t) => t));
  return less(reshape(positions, [1, steps]), reshape(lengths, [lengths.shape[0] as number, 1]));
}

/** Throws unless `mask` is bool [N, T] for the steps of a scan and the examples of its values. */
export function expectMask(mask: Value, steps: number, values: readonly Value[]): void {
  expectDType('scan', 'the mask', mask, 'bool');
  const examples = mask.shape[0];
  const fits = mask.shape.length === 2 && mask.shape[1] === steps && values.every(({ shape }) => shape[0] === examples);
  expect(fits, 'SHAPE', () => ({
    where: 'scan',
    what: 'the mask',
    expected: `[N, ${steps}] with N as in every state and output`,
    actual: showType(mask),
    details: { values: values.map(showType).join(', ') },
  }));
}

/** `value` where this step's mask [N] is true, `otherwise` elsewhere. */
export const masked = (mask: Value, value: Value, otherwise: Value | number): Value =>
  where(reshape(mask, [...mask.shape, ...value.shape.slice(1).map(() => 1)]), value, otherwise);

/** For every step, [T], whether gradients stop before it: at every k-th step after the first. */
export function cuts(steps: number, k: number, reverse: boolean): Value {
  const flags = Uint8Array.from({ length: steps }, (_, t) => {
    const turn = reverse ? steps - 1 - t : t;
    return Number(turn > 0 && turn % k === 0);
  });
  return constant({ dtype: 'bool', shape: [steps], data: flags });
}

/** The same number, through which no gradient flows where `cut` is true. */
export const cutAt = (cut: Value, state: Value): Value =>
  state.dtype === 'float32' ? where(cut, stopGradient(state), state) : state;
