/** Other layers in the place of those of a name. */
import { layers, mlp, ops } from '../../lib';
import { refusal } from '../io/refusal';
import { traced } from './tracing';

const { exp } = ops;
const { batchNorm, conv2d, dense, elu, prelu, relu, replaceLayers, sequential } = layers;

describe('replaced layers', () => {
  test('take the places of all layers of the name, with their own parameters', () => {
    const model = replaceLayers(sequential(dense(3), relu(), dense(3), relu()), { relu: () => prelu() });
    expect(traced(model, [2, 5]).shapes).toMatchObject({ 'prelu.slope': [3], 'prelu2.slope': [3] });
  });

  test('a layer that is used twice keeps one replacement, in every trace anew', () => {
    const shared = relu();
    const model = replaceLayers(sequential(dense(3), shared, dense(3), shared), { relu: () => prelu() });
    for (const training of [true, false]) {
      const slopes = Object.keys(traced(model, [2, 5], training).shapes).filter((path) => path.endsWith('slope'));
      expect(slopes).toEqual(['prelu.slope']);
    }
  });

  test('may hold what they replace', () => {
    const twice = replaceLayers(sequential(dense(4), relu()), { relu: (own) => sequential(own, exp, relu()) });
    const { y } = traced(twice, [2, 5]);
    expect([y, y.node.inputs[0], y.node.inputs[0]?.node.inputs[0]].map((value) => value?.node.op.name)).toEqual([
      'maximum',
      'exp',
      'maximum',
    ]);
    const normal = replaceLayers(mlp({ hidden: [4] }), { relu: (own) => sequential(batchNorm(), own) });
    expect(traced(normal, [2, 5]).shapes).toMatchObject({ 'batchNorm.gamma': [4] });
  });

  test('stand inside of other replacements, and under the names of places', () => {
    const inner = replaceLayers(sequential(dense(3), relu()), { relu: () => elu() });
    const outer = replaceLayers(inner, { elu: () => prelu() });
    expect(traced(outer, [2, 5]).shapes).toMatchObject({ 'prelu.slope': [3] });
    const named = replaceLayers(sequential({ first: dense(3), bend: relu() }), { relu: () => prelu() });
    expect(Object.keys(traced(named, [2, 5]).shapes)).toContain('bend.slope');
  });

  test('plain functions do as well, and other models stay as they are', () => {
    const plain = replaceLayers(sequential(conv2d(2, 3), relu()), { relu: (_own) => (x) => ops.sin(x) });
    expect(traced(plain, [1, 4, 4, 1]).y.node.op.name).toBe('sin');
    expect(traced(sequential(dense(3), relu()), [2, 5]).y.node.op.name).toBe('maximum');
  });

  test('misuse is refused', () => {
    expect(() => replaceLayers(relu(), {})).toThrow(refusal('OPTION', 'replaceLayers', 'none'));
    expect(() => replaceLayers(relu(), { relu: 1 } as never)).toThrow(refusal('OPTION', "number for 'relu'"));
    const model = replaceLayers(mlp(), { rellu: () => elu() });
    expect(() => traced(model, [2, 5])).toThrow(refusal('STATE', "'rellu'"));
    expect(traced(sequential(dense(3), relu()), [2, 5]).y.node.op.name).toBe('maximum');
  });
});
