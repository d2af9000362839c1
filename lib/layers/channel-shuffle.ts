/** Channels of groups mixed with each other, as a layer. */
import { channelShuffle as shuffle } from '../functions/channel-shuffle';
import { expectWhole } from '../graph/whole';
import { type Layer, layer } from './layer';

/**
 * Channel i of group g becomes channel i * groups + g, so that a grouped convolution behind it sees all groups (Zhang et
 * al. 2018, ShuffleNet).
 *
 * @param groups divides the channels
 * @example sequential(conv2d(24, 1, { groups: 3 }), channelShuffle(3), conv2d(24, 1, { groups: 3 }))
 */
export function channelShuffle(groups: number): Layer {
  expectWhole('channelShuffle', 'groups', groups, 1);
  return layer('channelShuffle', (x) => shuffle(x, groups));
}
