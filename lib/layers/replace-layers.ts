/** Other layers in the place of all those of a name. */
import { complaint, expect } from '../graph/errors';
import type { Scope } from '../graph/scope';
import type { Value } from '../graph/value';
import type { Block, Layer } from './layer';
import { type MakeBlock, tracedWith } from './replacement';

/**
 * The same model with other layers in the place of those that go by the given names: another activation in a finished
 * network, another normalisation, or something around a layer.
 *
 * Each function is given the layer that stood there and makes what shall stand there now; it is called once per layer, and a
 * layer that is used twice keeps its parameters shared. Names are those of layers, not of the places in the model.
 * Activations that are passed as plain functions have no name and stay.
 *
 * @throws ConvoltError `OPTION` without functions; `STATE` while tracing when the model has no layer of a name
 * @example
 * const model = replaceLayers(resnet20(), { relu: () => elu(), batchNorm: () => localResponseNorm() });
 * const dropping = replaceLayers(cnn(), { relu: (relu) => sequential(relu, dropout(0.1)) });
 */
export function replaceLayers(model: Block, makers: Readonly<Record<string, MakeBlock>>): Layer {
  const names = Object.keys(makers);
  const wrong = names.find((name) => typeof makers[name] !== 'function');
  expect(names.length > 0 && wrong === undefined, 'OPTION', () => ({
    where: 'replaceLayers',
    what: 'the replacements',
    expected: 'functions by name, at least one',
    actual: wrong === undefined ? 'none' : `${typeof makers[wrong]} for '${wrong}'`,
  }));
  const made = new WeakMap<object, Layer>();
  const apply = (x: Value, scope: Scope): Value => {
    const met = new Set<string>();
    const y = tracedWith({ makers, made, met }, () => model(x, scope));
    const absent = names.find((name) => !met.has(name));
    if (absent === undefined) return y;
    throw complaint('STATE', {
      where: 'replaceLayers',
      what: 'the model',
      expected: `one with layers named '${absent}'`,
      actual: 'one without',
    });
  };
  return Object.assign(apply, { layerName: 'replaceLayers' });
}
