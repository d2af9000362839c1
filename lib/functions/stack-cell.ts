/** A recurrent cell with stacks that it learns to push to and to pop from (Joulin and Mikolov 2015). */
import type { Value } from '../graph/value';
import { concat, split } from '../ops/concat';
import { add, broadcastTo, mul, sigmoid } from '../ops/elementwise';
import { matmul } from '../ops/matmul';
import type { Cell } from '../ops/scan';
import { reshape } from '../ops/shape';
import { slice } from '../ops/slice';
import { softmax } from '../ops/softmax';
import { constant } from '../ops/source';

/** What a stack cell hands to the next step: `hidden` [N, H] and `stack` [N, stacks, depth], the top first. */
export type StackState = { readonly hidden: Value; readonly stack: Value };

/** What cells of a stack hold that nothing was pushed to. */
export const emptyCell = -1;

/**
 * A stack after a mixture of its three actions:
 *
 *     s'[0] = push v + pop s[1] + keep s[0]
 *     s'[i] = push s[i - 1] + pop s[i + 1] + keep s[i]
 *
 * Below the last cell lies -1; what is pushed beyond the last cell is lost.
 *
 * @param stack [N, stacks, depth], the top first
 * @param value v [N, stacks, 1]
 * @param actions [N, stacks, 3]: how much to push, pop and keep
 */
export function moveStack(stack: Value, value: Value, actions: Value): Value {
  const [n, stacks, depth] = stack.shape as [number, number, number];
  const [push, pop, keep] = split(actions, 3, { axis: -1 }) as [Value, Value, Value];
  const [upper] = split(stack, [depth - 1, 1], { axis: -1 }) as [Value, Value];
  const [, lower] = split(stack, [1, depth - 1], { axis: -1 }) as [Value, Value];
  const bottom = broadcastTo(constant(emptyCell), [n, stacks, 1]);
  const pushed = mul(push, concat([value, upper], { axis: -1 }));
  const popped = mul(pop, concat([lower, bottom], { axis: -1 }));
  return add(add(pushed, popped), mul(keep, stack));
}

/** The weights of a cell with stacks. */
export interface StackWeights {
  /** R [H, H]: from the hidden state. */
  readonly weight: Value;
  /** P [stacks * k, H]: from the k topmost cells of every stack. */
  readonly topWeight: Value;
  /** A [H, stacks * 3]: to the actions. */
  readonly actionWeight: Value;
  /** D [H, stacks]: to the values that are pushed. */
  readonly valueWeight: Value;
}

/**
 * A step of the stack network, for `scan`:
 *
 *     h' = sigmoid(u + h R + top(s) P)    (push, pop, keep) = softmax(h' A)    v = sigmoid(h' D)
 *
 * and the stacks move as `moveStack` says. u = x U + b is the input's part [N, H].
 */
export function stackCell({
  weight,
  topWeight,
  actionWeight,
  valueWeight,
}: StackWeights): Cell<StackState, Value, Value> {
  return ({ hidden, stack }, u) => {
    const [n, stacks] = stack.shape as [number, number, number];
    const read = topWeight.shape[0] as number;
    const top = reshape(slice(stack, { begin: [0, 0, 0], size: [-1, -1, read / stacks] }), [n, read]);
    const next = sigmoid(add(add(u, matmul(hidden, weight)), matmul(top, topWeight)));
    const actions = softmax(reshape(matmul(next, actionWeight), [n, stacks, 3]));
    const value = reshape(sigmoid(matmul(next, valueWeight)), [n, stacks, 1]);
    return { state: { hidden: next, stack: moveStack(stack, value, actions) }, output: next };
  };
}
