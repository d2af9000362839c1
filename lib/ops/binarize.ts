/** The sign that binary networks use, and how a graph is asked for it. */
import type { Value } from '../graph/value';
import { greaterEqual, where } from './elementwise';
import { scalarConstant } from './source';

/** 1 where x >= 0 and -1 elsewhere: sign(0) = 1, so that one bit holds every number. No gradient (see `binarySign`). */
export const binarize = (x: Value): Value => where(greaterEqual(x, 0), 1, -1);

/** x where `value` is `binarize(x)`, else undefined. */
export function binarizedFrom({ node }: Value): Value | undefined {
  if (node.op.name !== 'where') return undefined;
  const [condition, one, other] = node.inputs as [Value, Value, Value];
  const { op, inputs } = condition.node;
  const [zero, x] = inputs as [Value, Value];
  const isSign = op.name === 'lessEqual' && scalarConstant(zero) === 0 && x.dtype === 'float32';
  return isSign && scalarConstant(one) === 1 && scalarConstant(other) === -1 ? x : undefined;
}
