/** Vocabularies, padded sequences, and the pronouncing dictionary. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cmudict, padSequences, vocabulary } from '../../lib/data';
import { refusal, temporaryFolder } from '../io/refusal';

describe('vocabulary', () => {
  test('numbers symbols in their order, behind the marks', () => {
    const phonemes = vocabulary(['T', 'AH', 'T', 'S']);
    expect(phonemes).toMatchObject({ symbols: ['<start>', '<end>', 'AH', 'S', 'T'], size: 5, start: 0, end: 1 });
    expect(phonemes.encode(['S', 'T'])).toEqual([3, 4]);
    expect(phonemes.decode([0, 3, 2, 1, 4, 4])).toEqual(['S', 'AH']);
  });

  test('without marks a text is a sequence of characters', () => {
    const letters = vocabulary('banana', { marks: false });
    expect(letters.encode('nab')).toEqual([2, 0, 1]);
    expect(letters.decode(Int32Array.of(1, 0, 2, 1))).toEqual(['b', 'a', 'n', 'b']);
    expect(letters.end).toBeUndefined();
  });

  test.each([
    [
      'nothing',
      () => vocabulary(''),
      refusal('DATA', 'vocabulary: expected the number of symbols to be above 0 but got 0'),
    ],
    [
      'a mark as a symbol',
      () => vocabulary(['a', '<end>']),
      refusal('VALUE', "other than the marks <start> and <end> but got '<end>'"),
    ],
    [
      'an unknown symbol',
      () => vocabulary('ab').encode('abc'),
      refusal('VALUE', "one of <start> <end> a b but got 'c'"),
    ],
    ['an unknown number', () => vocabulary('ab').decode([4]), refusal('VALUE', 'between 0 and 3 but got 4')],
    ['an unknown option', () => vocabulary('ab', { start: 0 } as never), refusal('OPTION', "'start'")],
  ])('refuses %s', (_, act, complaint) => {
    expect(act).toThrow(complaint);
  });
});

describe('padSequences', () => {
  test('fills up at the ends', () => {
    expect(padSequences([[5, 6], [7]])).toEqual({
      symbols: { dtype: 'int32', shape: [2, 2], data: Int32Array.of(5, 6, 7, 0) },
      lengths: { dtype: 'int32', shape: [2], data: Int32Array.of(2, 1) },
    });
    expect([...padSequences([[5], [7]], { length: 3, padding: 9 }).symbols.data]).toEqual([5, 9, 9, 7, 9, 9]);
  });

  test.each([
    ['no sequence', () => padSequences([]), refusal('DATA', 'the number of sequences to be above 0')],
    ['an empty sequence', () => padSequences([[1], []]), refusal('DATA', 'between 1 and 1 but got 0 of sequence 1')],
    [
      'a sequence that is too long',
      () => padSequences([[1, 2, 3]], { length: 2 }),
      refusal('DATA', 'between 1 and 2 but got 3 of sequence 0'),
    ],
    ['an unknown option', () => padSequences([[1]], { fill: 1 } as never), refusal('OPTION', "'fill'")],
  ])('refuses %s', (_, act, complaint) => {
    expect(act).toThrow(complaint);
  });
});

describe('cmudict', () => {
  const folder = temporaryFolder();
  const fileOf = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const lines = letters.map((letter, i) => `${letter}${letter}  ${i % 2 ? 'B' : 'AH1'} K`);

  test('the package: words of letters, phonemes without stress, of every 20 words one to test', async () => {
    const { graphemes, phonemes, train, validation, test: unseen } = await cmudict();
    expect(graphemes.symbols.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(phonemes.size).toBe(2 + 39);
    expect([train.size, validation.size, unseen.size]).toEqual([104761, 5821, 5821]);
    expect(new Set([...train.words, ...validation.words, ...unseen.words]).size).toBe(104761 + 2 * 5821);
    const { source, sourceLengths, target } = unseen.input;
    expect([source.shape, sourceLengths.shape, target.shape]).toEqual([[5821, 16], [5821], [5821, 17]]);
    const place = unseen.words.indexOf('ABANDONING');
    expect(unseen.phonemes[place]?.join(' ')).toBe('AH B AE N D AH N IH NG');
    expect(graphemes.decode(source.data.subarray(16 * place, 16 * place + 10)).join('')).toBe('ABANDONING');
    expect(phonemes.decode(target.data.subarray(17 * place, 17 * place + 17))).toEqual(unseen.phonemes[place]);
    expect([sourceLengths.data[place], unseen.target.lengths.data[place]]).toEqual([10, 10]);
    expect(unseen.target.symbols).toBe(target);
  });

  test('a file: comments, further pronunciations and other characters are left out', async () => {
    const more = [';;; a comment', "'tis  T IH1 Z", 'aa(2)  B', '', 'long  L AO1 NG # old', 'longer  L AO1 NG ER0'];
    const given = { file: fileOf('small.dict', [...more, ...lines].join('\r\n')), longest: 4 };
    const plain = await cmudict(given);
    expect([plain.train.size, plain.validation.size, plain.test.size]).toEqual([23, 2, 2]);
    expect([...plain.test.words, ...plain.validation.words]).toEqual(['LONG', 'TT', 'AA', 'UU']);
    expect(plain.phonemes.symbols.slice(2)).toEqual(['AH', 'AO', 'B', 'K', 'L', 'NG']);
    expect((await cmudict({ ...given, stress: true })).phonemes.symbols.slice(2, 4)).toEqual(['AH1', 'AO1']);
  });

  test.each([
    ['a file that is not there', () => cmudict({ file: join(folder, 'none') }), refusal('FILE', 'npm install', 'none')],
    [
      'a damaged line',
      () => cmudict({ file: fileOf('bad', `${lines[0]}\nword`) }),
      refusal('FILE', 'line 2', "'word'"),
    ],
    [
      'too few words',
      () => cmudict({ file: fileOf('few', lines.slice(0, 19).join('\n')) }),
      refusal('DATA', '20 or more but got 19'),
    ],
    ['a length', () => cmudict({ longest: 0 }), refusal('VALUE', 'the longest length')],
    ['an option', () => cmudict({ letters: 3 } as never), refusal('OPTION', "'letters'")],
  ])('refuses %s', async (_, act, complaint) => {
    await expect(act()).rejects.toThrow(complaint);
  });
});
