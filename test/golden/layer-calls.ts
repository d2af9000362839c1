/** The library's call for each call that the generator of layers names. */
import * as functions from '../../lib/functions';
import type { Value } from '../../lib/graph/value';
import { maxPoolWithIndices, maxUnpool, type PoolOptions } from '../../lib/ops';
import type { Pair } from '../../lib/ops/window';

type Inputs = readonly Value[];
type Sized = { readonly size: Pair; readonly method: 'nearest' | 'bilinear' };

const [first, second] = [(values: Inputs) => values[0] as Value, (values: Inputs) => values[1] as Value];

export const layerCalls = {
  channelShuffle: (values: Inputs, { groups }: { groups: number }) => functions.channelShuffle(first(values), groups),
  elu: (values: Inputs, options: functions.EluOptions) => functions.elu(first(values), options),
  l2Normalize: (values: Inputs, options: functions.L2NormalizeOptions) => functions.l2Normalize(first(values), options),
  leakyRelu: (values: Inputs, options: functions.LeakyReluOptions) => functions.leakyRelu(first(values), options),
  localResponseNorm: (values: Inputs, options: functions.LocalResponseOptions) =>
    functions.localResponseNorm(first(values), options),
  lpPool: (values: Inputs, options: functions.LpPoolOptions) => functions.lpPool(first(values), options),
  maxUnpool: (inputs: Inputs, options: PoolOptions) => {
    const { values, indices } = maxPoolWithIndices(first(inputs), options);
    return maxUnpool(values, indices, first(inputs).shape.slice(1, 3) as unknown as Pair);
  },
  prelu: (values: Inputs) => functions.prelu(first(values), second(values)),
  randomizedRelu: (values: Inputs) => functions.randomizedRelu(first(values)),
  resize: (values: Inputs, { size, method }: Sized) => functions.resize(first(values), size, { method }),
};
