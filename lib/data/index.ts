/** Datasets, and how they are split, shuffled and cut into batches. */
export { type Augmentation, compose, randomCrop, randomFlip } from './augment';
export { type BatchOptions, batches } from './batches';
export { characters, type Vocabulary } from './characters';
export { type Cifar10Options, cifar10, cifar10Classes } from './cifar10';
export { type Cmudict, type CmudictOptions, cmudict, type Pronunciations } from './cmudict';
export { classCounts, type Dataset, type DatasetOptions, dataset, describe, subset, take } from './dataset';
export { digits, digitsSplit } from './digits';
export { fashionMnist, fashionMnistClasses } from './fashion-mnist';
export { crop, type FlipDirection, flip } from './flip-crop';
export { type IdxFolderOptions, idxFolder, type TrainTest } from './idx-folder';
export { type FolderOptions, mnist } from './mnist';
export { mobyDick, type TextFolderOptions } from './moby-dick';
export { type PaddedSequences, type PadOptions, padSequences } from './pad-sequences';
export { epochOrder } from './shuffle';
export { randomSplit, type Split, type SplitOptions } from './split';
export { type ChannelStatistics, channelStatistics, standardization } from './standardization';
export { type TokenWindowOptions, tokenWindows } from './token-windows';
export { type SymbolVocabulary, type VocabularyOptions, vocabulary } from './vocabulary';
