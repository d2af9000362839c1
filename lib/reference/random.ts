/** Random ops of the reference: the host's Philox generator, whose integers the native core repeats exactly. */
import { hostBits, hostNormal, hostPermutation, hostSplitKey, hostUniform } from '../graph/philox';
import { sizeOf } from '../graph/tensor';
import { attributesOf, type Family, outputShape } from './tensor64';

export const random: Family = {
  randomUniform: (node, key) => [hostUniform(key.data, sizeOf(outputShape(node)))],
  randomNormal: (node, key) => [hostNormal(key.data, sizeOf(outputShape(node)))],
  randomBits: (node, key) => [Int32Array.from(hostBits(key.data, sizeOf(outputShape(node))))],
  splitKey: (node, key) => [hostSplitKey(key.data, attributesOf<{ stream: number }>(node).stream)],
  permutation: (node, key) => [hostPermutation(key.data, attributesOf<{ n: number }>(node).n)],
};
