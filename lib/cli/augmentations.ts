/** The augmentations that the command line offers by name. */
import { type Augmentation, compose, randomCrop, randomFlip } from '../data';
import { complaint } from '../graph/errors';

const augmentations: Readonly<Record<string, () => Augmentation>> = {
  flip: () => randomFlip(),
  crop: () => randomCrop({ padding: 4 }),
};

export const augmentationNames = Object.keys(augmentations);

/** Augmentations by name, joined by commas, e.g. `flip,crop`. */
export function makeAugmentation(names: string): Augmentation {
  const parts = names.split(',').map((name) => {
    const make = augmentations[name.trim()];
    if (make) return make();
    const expected = augmentationNames.join(', ');
    throw complaint('OPTION', {
      where: 'train',
      what: '--augment',
      expected: `any of ${expected}`,
      actual: `'${name}'`,
    });
  });
  return compose(...parts);
}
