/** The chain rule, worked out: every value of a graph of numbers, and what a change of it does to the result. */
import { gradients } from '../compiler/differentiate';
import { expect } from '../graph/errors';
import { showType, sizeOf } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { add, exp, mul, square } from '../ops/elementwise';
import { constant, feed } from '../ops/source';
import { evaluate, type Tensor64, tensor64 } from '../reference';

/** One line of a worked example. */
export interface ChainRuleStep {
  /** The value's name: that of the input, or v1, v2, ... */
  readonly name: string;
  /** How it is made, e.g. `add(a, b)`; the same as `name` for inputs. */
  readonly expression: string;
  /** Its number. */
  readonly value: number;
  /** The derivative of the result with respect to it. */
  readonly derivative: number;
}

/**
 * Works a gradient out by hand: evaluates a graph of scalars forward, value by value, and gives for each the derivative of
 * the result with respect to it, as the walk backward finds it: edge derivatives multiplied along each path, summed over all
 * paths (Rumelhart et al. 1986).
 *
 * @param build gives the result from the inputs
 * @param inputs numbers by name
 * @returns inputs first, the result last
 * @throws ConvoltError `SHAPE` when the result is no scalar
 * @example math.chainRule(({ a, b }) => ops.mul(ops.add(a, b), ops.add(b, 1)), { a: 2, b: 1 })
 * // a: value 2, derivative 2; b: 1, 5; v1 = add(a, b): 3, 2; v2 = add(b, 1): 2, 3; v3 = mul(v1, v2): 6, 1
 */
export function chainRule(
  build: (inputs: Readonly<Record<string, Value>>) => Value,
  inputs: Readonly<Record<string, number>>,
): ChainRuleStep[] {
  const feeds = Object.fromEntries(Object.keys(inputs).map((name) => [name, feed(name, [])]));
  const result = build(feeds);
  expect(sizeOf(result.shape) === 1, 'SHAPE', () => ({
    where: 'chainRule',
    what: 'the result',
    expected: 'a scalar',
    actual: showType(result),
  }));
  const known = new Map(
    Object.entries(inputs).map(([name, number]): [string, Tensor64] => [name, tensor64([number], [])]),
  );
  const numberOf = (value: Value): number => evaluate([value], known)[0]?.data[0] as number;
  const made = reachable([result]).filter(({ op }) => op.name !== 'constant' && op.name !== 'feed');
  const names = new Map(made.map((node, i) => [node, `v${i + 1}`]));
  const nameOf = (value: Value): string => {
    if (value.node.op.name === 'constant') return `${numberOf(value)}`;
    return names.get(value.node) ?? (value.name as string);
  };
  const expression = (node: Node): string => `${node.op.name}(${node.inputs.map(nameOf).join(', ')})`;
  const values = [...Object.values(feeds), ...made.map((node) => node.outputs[0] as Value)];
  const slopes = gradients(result, values);
  return values.map((value, i) => ({
    name: nameOf(value),
    expression: names.has(value.node) ? expression(value.node) : nameOf(value),
    value: numberOf(value),
    derivative: numberOf(slopes[i] as Value),
  }));
}

/**
 * Worked examples: e = (a + b)(b + 1), where b reaches e along two paths, and y = x e^(x^2), where one x is used in two
 * places.
 */
export const chainRuleExamples = (): Readonly<Record<'twoPaths' | 'sharedInput', readonly ChainRuleStep[]>> => ({
  twoPaths: chainRule(({ a, b }) => mul(add(a as Value, b as Value), add(b as Value, constant(1))), { a: 2, b: 1 }),
  sharedInput: chainRule(({ x }) => mul(x as Value, exp(square(x as Value))), { x: 1 }),
});
