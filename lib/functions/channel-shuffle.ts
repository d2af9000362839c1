/** Channels of groups mixed with each other (Zhang et al. 2018, ShuffleNet). */
import { expect } from '../graph/errors';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { reshape } from '../ops/shape';
import { transpose } from '../ops/transpose';

/**
 * Takes one channel of each group in turn: channel i of group g of G becomes channel i * G + g, so that a grouped
 * convolution behind it sees all groups (Zhang et al. 2018). Shuffling by G and then by C / G changes nothing.
 *
 * @param x [..., C]
 * @param groups G, which divides C
 * @throws ConvoltError `SHAPE` when it does not
 * @example channelShuffle(constant([0, 1, 2, 3, 4, 5]), 2) // [0, 3, 1, 4, 2, 5]
 */
export function channelShuffle(x: Value, groups: number): Value {
  expectWhole('channelShuffle', 'groups', groups, 1);
  const channels = x.shape.at(-1) ?? 0;
  expect(channels > 0 && channels % groups === 0, 'SHAPE', () => ({
    where: 'channelShuffle',
    what: 'the channels',
    expected: `a multiple of ${groups} groups`,
    actual: showType(x),
  }));
  const before = x.shape.slice(0, -1);
  const last = before.length;
  const grouped = reshape(x, [...before, groups, channels / groups]);
  return reshape(transpose(grouped, [...before.keys(), last + 1, last]), x.shape);
}
