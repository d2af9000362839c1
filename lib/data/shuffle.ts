/** The order in which an epoch visits the examples. */
import { hostPermutation, hostSplitKey, keyOfSeed } from '../graph/philox';

/**
 * A random order of 0 ... size - 1, drawn without replacement: every example once. Equal seeds and epochs give equal
 * orders, on every machine.
 */
export const epochOrder = (size: number, seed: number, epoch: number): Int32Array =>
  hostPermutation(hostSplitKey(keyOfSeed(seed), epoch), size);
