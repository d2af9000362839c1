/**
 * Signs of sums as comparisons of whole numbers. Batch normalisation, bias, clipping, whatever stands between a binary
 * layer and the next sign is computed natively, as the float model computes it, for every sum that the layer can come to:
 * the threshold is where the sign changes, exactly.
 */

import type { BitThresholds } from '../compiler/binarize-graph';
import { type BinaryChain, chainApplied } from '../compiler/binary-chains';
import { type BinaryLayer, weightsPerFilter } from '../compiler/binary-layers';
import type { BinaryPlan } from '../compiler/binary-plan';
import { type Tensor, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { compute } from '../models/compute';
import { cast, greaterEqual } from '../ops/elementwise';
import { bytesOfBits } from '../ops/pack-bits';
import { constant } from '../ops/source';

/** Whether a function of whole numbers grows (1), falls (-1), does neither (0) or both (undefined). */
function directionOf(numbers: (i: number) => number, count: number): 1 | -1 | 0 | undefined {
  let direction: 1 | -1 | 0 = 0;
  for (let i = 1; i < count; i++) {
    const step = Math.sign(numbers(i) - numbers(i - 1)) as 1 | -1 | 0;
    if (Number.isNaN(step) || (step !== 0 && direction === -step)) return undefined;
    if (step !== 0) direction = step;
  }
  return direction;
}

/** The sums -n to n of every filter as the float model has them, [..., 2 n + 1, K]. */
function allSums({ magnitudes }: BinaryLayer, n: number, rank: number): Value {
  const filters = magnitudes.length;
  const data = new Float32Array((2 * n + 1) * filters);
  for (let i = 0; i < data.length; i++) {
    const filter = i % filters;
    data[i] = ((i - filter) / filters - n) * (magnitudes[filter] as number);
  }
  return constant(tensor(data, [...new Array<number>(rank - 2).fill(1), 2 * n + 1, filters]));
}

/** The comparisons of a layer's filters, out of the signs of all its sums; undefined where one filter has none. */
function comparisons(bits: Tensor, before: Tensor | undefined, filters: number, n: number): BitThresholds | undefined {
  const count = 2 * n + 1;
  const threshold = new Int32Array(filters);
  const flip = new Uint8Array(filters);
  const least = new Uint8Array(bytesOfBits(filters));
  for (let k = 0; k < filters; k++) {
    const bit = (i: number): number => bits.data[i * filters + k] as number;
    const direction = directionOf(bit, count);
    const order = before ? directionOf((i) => before.data[i * filters + k] as number, count) : 1;
    if (direction === undefined || order === undefined) return undefined;
    flip[k] = direction === 0 ? Number(bit(0) === 0) : Number(direction < 0);
    let first = 0;
    if (direction !== 0) while (bit(first) === bit(0)) first++;
    threshold[k] = first - n;
    // A value that falls with the sum is largest where the sum is least, and so on.
    if (direction * order < 0) least[k >> 3] = (least[k >> 3] as number) | (1 << (k & 7));
  }
  return { threshold: tensor(threshold), flip: tensor(flip), ...(before && { least: tensor(least) }) };
}

async function thresholdsOf(chain: BinaryChain, layer: BinaryLayer): Promise<BitThresholds | undefined> {
  const n = weightsPerFilter(layer);
  const { operand, pooled } = chainApplied(chain, allSums(layer, n, chain.sums.shape.length));
  const bits = cast(greaterEqual(operand, 0), 'float32');
  const [signs, before] = await compute(pooled ? [bits, pooled] : [bits]);
  return comparisons(signs as Tensor, before, layer.magnitudes.length, n);
}

/** The thresholds of all chains of a plan, in order; undefined for chains that are no comparison. */
export async function planThresholds({ chains, layerOf }: BinaryPlan): Promise<(BitThresholds | undefined)[]> {
  const found: (BitThresholds | undefined)[] = [];
  for (const chain of chains.values()) found.push(await thresholdsOf(chain, layerOf.get(chain.sums) as BinaryLayer));
  return found;
}
