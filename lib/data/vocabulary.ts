/** Vocabularies: the symbols of a language and their numbers. */
import { expect, expectOptions } from '../graph/errors';

export interface VocabularyOptions {
  /** Puts the symbols `start` and `end` before all others, as 0 and 1. Default true. */
  readonly marks?: boolean;
}

/** The marks of a vocabulary that has them; they are the defaults of decoders. */
const marks = { start: '<start>', end: '<end>' } as const;

/** Symbols and their numbers. */
export interface SymbolVocabulary {
  /** Symbol number i at place i. */
  readonly symbols: readonly string[];
  readonly size: number;
  /** The number of the start symbol, if there are marks. */
  readonly start?: number;
  /** The number of the end symbol, if there are marks. */
  readonly end?: number;
  /**
   * The numbers of a sequence; a text is a sequence of characters.
   *
   * @throws ConvoltError `VALUE` for a symbol that is not in the vocabulary
   */
  encode(sequence: Iterable<string>): number[];
  /**
   * The symbols of numbers, up to the end symbol, without marks.
   *
   * @throws ConvoltError `VALUE` for a number that no symbol has
   */
  decode(numbers: Iterable<number>): string[];
}

/**
 * Numbers the different symbols of `sequence` in the order of their characters.
 *
 * @throws ConvoltError `DATA` when there is none, `VALUE` when one of them is a mark
 * @example vocabulary('banana', { marks: false }).encode('nab') // [2, 0, 1]
 */
export function vocabulary(sequence: Iterable<string>, options: VocabularyOptions = {}): SymbolVocabulary {
  expectOptions('vocabulary', options, ['marks']);
  const { marks: hasMarks = true } = options;
  const found = [...new Set(sequence)].sort((a, b) => (a < b ? -1 : 1));
  expect(found.length > 0, 'DATA', () => ({
    where: 'vocabulary',
    what: 'the number of symbols',
    expected: 'above 0',
    actual: '0',
  }));
  const before: readonly string[] = hasMarks ? Object.values(marks) : [];
  const isMark = (symbol: string): boolean => before.includes(symbol);
  const mark = found.find(isMark);
  expect(mark === undefined, 'VALUE', () => ({
    where: 'vocabulary',
    what: 'every symbol',
    expected: `other than the marks ${before.join(' and ')}`,
    actual: `'${mark}'`,
  }));
  const symbols = [...before, ...found];
  const numberOf = new Map(symbols.map((symbol, i) => [symbol, i]));

  const encoded = (symbol: string): number => {
    const number = numberOf.get(symbol);
    expect(number !== undefined, 'VALUE', () => ({
      where: 'vocabulary',
      what: 'every symbol',
      expected: `one of ${symbols.join(' ')}`,
      actual: `'${symbol}'`,
    }));
    return number;
  };
  const decoded = (number: number): string => {
    const symbol = symbols[number];
    expect(symbol !== undefined, 'VALUE', () => ({
      where: 'vocabulary',
      what: 'every number',
      expected: `between 0 and ${symbols.length - 1}`,
      actual: `${number}`,
    }));
    return symbol;
  };
  return {
    symbols,
    size: symbols.length,
    ...(hasMarks && { start: 0, end: 1 }),
    encode: (given) => Array.from(given, encoded),
    decode: (numbers) => {
      const all = Array.from(numbers, decoded);
      const end = all.findIndex((symbol) => symbol === marks.end && isMark(symbol));
      return all.slice(0, end < 0 ? all.length : end).filter((symbol) => !isMark(symbol));
    },
  };
}
