/** Text as numbers, one per character. */
import { expect } from '../graph/errors';

/** The characters of a text, numbered in the order of their code points. */
export interface Vocabulary {
  readonly characters: readonly string[];
  /** How many there are. */
  readonly size: number;
  /**
   * The numbers of a text's characters.
   *
   * @throws ConvoltError `VALUE` for a character that the vocabulary lacks
   */
  encode(text: string): Int32Array;
  /**
   * The text of numbers.
   *
   * @throws ConvoltError `VALUE` for a number that no character has
   */
  decode(tokens: ArrayLike<number>): string;
}

/**
 * The vocabulary of all characters in `text`. Joined to one text they give the same vocabulary again, so that a saved
 * model needs to keep no more: `characters(vocabulary.characters.join(''))`.
 *
 * @throws ConvoltError `DATA` for an empty text
 * @example
 * const vocabulary = characters(book);
 * vocabulary.decode(vocabulary.encode('Call me')); // 'Call me'
 */
export function characters(text: string): Vocabulary {
  const known = [...new Set(text)].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
  const size = known.length;
  expect(size > 0, 'DATA', () => ({ where: 'characters', what: 'the text', expected: 'not empty', actual: 'nothing' }));
  const numbers = new Map(known.map((character, i) => [character, i]));
  const numberOf = (character: string): number => {
    const number = numbers.get(character);
    expect(number !== undefined, 'VALUE', () => ({
      where: 'encode',
      what: 'every character',
      expected: `one of the ${size} of the vocabulary`,
      actual: JSON.stringify(character),
    }));
    return number;
  };
  const characterOf = (number: number): string => {
    const character = known[number];
    expect(character !== undefined, 'VALUE', () => ({
      where: 'decode',
      what: 'every number',
      expected: `between 0 and ${size - 1}`,
      actual: String(number),
    }));
    return character;
  };
  return {
    characters: known,
    size,
    encode: (some) => Int32Array.from([...some], numberOf),
    decode: (tokens) => Array.from(tokens, characterOf).join(''),
  };
}
