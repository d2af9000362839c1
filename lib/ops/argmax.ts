/** Positions of the largest and the smallest element along an axis. */
import { type ApplyOp, defineOp, expectDType, resolveAxis } from '../graph/define-op';
import { expect, expectOptions } from '../graph/errors';
import { showShape } from '../graph/tensor';
import type { Value } from '../graph/value';

export type ArgmaxOptions = { axis?: number };

function extremePosition(name: string): (x: Value, options?: ArgmaxOptions) => Value {
  const apply: ApplyOp<{ axis: number }> = defineOp<{ axis: number }>({
    name,
    kind: 'kernel',
    infer: ([input], { axis }) => {
      const x = input as Value;
      expectDType(name, 'the input', x, 'float32');
      expect((x.shape[axis] as number) > 0, 'SHAPE', () => ({
        where: name,
        what: `axis ${axis}`,
        expected: 'of at least one element',
        actual: showShape(x.shape),
      }));
      return { dtype: 'int32', shape: x.shape.filter((_, i) => i !== axis) };
    },
    encode: ({ axis }) => [axis],
  });
  return (x, options = {}) => {
    expectOptions(name, options, ['axis']);
    return apply([x], { axis: resolveAxis(name, options.axis ?? -1, x.shape.length) }).outputs[0] as Value;
  };
}

/** The position (int32) of the first largest element along `axis` (default the last), which is removed; NaN wins. */
export const argmax = extremePosition('argmax');
/** The position (int32) of the first smallest element along `axis` (default the last), which is removed; NaN wins. */
export const argmin = extremePosition('argmin');
