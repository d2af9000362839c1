/** Activations and normalisations by name, each as a maker of layers. */
import { Scope, Trace } from '../graph/scope';
import * as layers from '../layers';
import { splitKey } from '../ops/random';
import { feed, state } from '../ops/source';
import type { Options } from './named';
import { answerOf, type Table, without } from './tables';

type MakeLayer = (options: Options) => layers.Block;

/** Makes layers by options that have been looked at. */
type LayerFactory = () => layers.Block;

/** Applies one layer: some look at their options no sooner. */
function tried(make: MakeLayer, options: Options): LayerFactory {
  const trace = new Trace({ state, nextKey: splitKey }, true, state('key', [2], 'int32'));
  make(options)(feed('x', [16, 4, 4, 8]), new Scope(trace));
  return () => make(options);
}

/** The makers by name, refusing options where they know none. */
const careful = (makers: Table<MakeLayer>): Table<(options: Options) => LayerFactory> =>
  Object.fromEntries(
    Object.entries(makers).map(([name, make]) => {
      const takesOptions = answerOf(() => tried(make, { 'no such option': 1 })) === undefined;
      return [name, takesOptions ? (options) => tried(make, options) : without(name, () => make({}))];
    }),
  );

/** Units that are the largest of affine pieces, as many as channels arrive. */
const maxout: MakeLayer = (options) => {
  layers.maxout(1, options); // which complains of wrong options
  return (x, scope) => layers.maxout(x.shape.at(-1) as number, options)(x, scope);
};

const { identity, relu, relu6, sigmoid, tanh, silu, gelu, softplus, hardTanh, hardSigmoid, binarySign } = layers;
const { leakyRelu, prelu, randomizedRelu, elu, softmax, logSoftmax } = layers;

/** Activations by name. */
export const activationTable = careful({
  ...{ relu, leakyRelu, prelu, randomizedRelu, elu, sigmoid, tanh, softplus, silu, gelu, relu6, maxout },
  ...{ hardTanh, hardSigmoid, binarySign, softmax, logSoftmax, identity },
});

const { batchNorm, featureNorm, localResponseNorm, l2Normalize } = layers;

/** Normalisations by name, and `none`. */
export const normTable = careful({ batchNorm, featureNorm, localResponseNorm, l2Normalize, none: identity });
