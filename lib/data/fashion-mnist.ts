/** Fashion-MNIST: 70 000 pictures of clothes of 28 x 28 pixels in 10 classes (Xiao, Rasul, Vollgraf 2017). */
import { expectOptions } from '../graph/errors';
import { knownFolder, type TrainTest } from './idx-folder';
import type { FolderOptions } from './mnist';

/** Where the package `dataset-fashion-mnist` of Debian and Ubuntu puts the files. */
const systemFolder = '/usr/share/datasets/fashion-mnist';

const hint = "apt-get install dataset-fashion-mnist, or give the option 'folder' of the four IDX files";

/** What the labels 0 to 9 mean. */
export const fashionMnistClasses = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
] as const;

/**
 * Reads Fashion-MNIST, by default from Debian's package `dataset-fashion-mnist`.
 *
 * @returns 60 000 images to learn and 10 000 to test: input uint8 [N, 28, 28, 1], target int32 [N]
 * @throws ConvoltError `FILE` when the data is not there (the message says how to get it) or damaged
 */
export async function fashionMnist(options: FolderOptions = {}): Promise<TrainTest> {
  expectOptions('fashionMnist', options, ['folder']);
  return knownFolder('fashion-mnist', options.folder ?? systemFolder, hint);
}
