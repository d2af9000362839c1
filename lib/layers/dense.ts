/** The fully connected layer. */
import { expect, expectOptions } from '../graph/errors';
import { showType } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { matmul } from '../ops/matmul';
import { type AffineOptions, affineOptions, finish, weightOf } from './affine';
import { type Layer, layer } from './layer';

/**
 * y = activation(x W + b): [N, ..., F] to [N, ..., units].
 *
 * Parameters: `weight` [F, units], `bias` [units].
 *
 * @throws ConvoltError `SHAPE` while tracing when x has fewer than two axes
 * @example sequential(flatten(), dense(32, { activation: functions.relu }), dense(10))
 */
export function dense(units: number, options: AffineOptions = {}): Layer {
  expectWhole('dense', 'the number of units', units, 1);
  expectOptions('dense', options, affineOptions);
  return layer('dense', (x, scope) => {
    expect(x.shape.length >= 2, 'SHAPE', () => ({
      where: 'dense',
      what: 'the input',
      expected: '[N, ..., F]',
      actual: showType(x),
    }));
    const weight = weightOf(scope, [x.shape.at(-1) as number, units], options);
    return finish(matmul(x, weight), scope, options);
  });
}
