/** Text as numbers: vocabularies, windows, and the novel. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { data } from '../../lib';
import { refusal, temporaryFolder } from '../io/refusal';

const { characters, mobyDick, tokenWindows } = data;

describe('characters', () => {
  const vocabulary = characters('banana é𝄞\n');

  test('are numbered by code point and survive the way there and back', () => {
    expect(vocabulary.characters).toEqual(['\n', ' ', 'a', 'b', 'n', 'é', '𝄞']);
    expect([...vocabulary.encode('ban𝄞')]).toEqual([3, 2, 4, 6]);
    expect(vocabulary.decode(vocabulary.encode('é nab'))).toBe('é nab');
    expect(characters(vocabulary.characters.join('')).characters).toEqual(vocabulary.characters);
    expect(vocabulary.encode('')).toHaveLength(0);
  });

  test('empty texts, unknown characters and numbers', () => {
    expect(() => characters('')).toThrow(refusal('DATA', 'the text', 'nothing'));
    expect(() => vocabulary.encode('bax')).toThrow(refusal('VALUE', '7 of the vocabulary', '"x"'));
    expect(() => vocabulary.decode([0, 7])).toThrow(refusal('VALUE', 'between 0 and 6', '7'));
    expect(() => vocabulary.decode([-1])).toThrow(refusal('VALUE', '-1'));
  });
});

describe('windows', () => {
  const tokens = Int32Array.from({ length: 14 }, (_, i) => i);
  const rows = (options: data.TokenWindowOptions) => {
    const { input, target } = data.tokenWindows(tokens, options);
    const width = input.shape[1] as number;
    const cut = (all: ArrayLike<number>) =>
      Array.from({ length: input.shape[0] as number }, (_, row) =>
        Array.from(all).slice(row * width, (row + 1) * width),
      );
    return [cut(input.data), cut(target.data)];
  };

  test('one behind the other', () => {
    const [input, target] = rows({ length: 4 });
    expect(input).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect(target).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]);
  });

  test('every row of a batch goes on where it ended', () => {
    const [input, target] = rows({ length: 3, lanes: 2 });
    expect(input).toEqual([
      [0, 1, 2],
      [6, 7, 8],
      [3, 4, 5],
      [9, 10, 11],
    ]);
    expect(target?.at(-1)).toEqual([10, 11, 12]);
  });

  test('refusals', () => {
    expect(() => tokenWindows(tokens, { length: 0 })).toThrow(refusal('VALUE', 'the length'));
    expect(() => tokenWindows(tokens, { length: 2, lanes: 0 })).toThrow(refusal('VALUE', 'lanes'));
    expect(() => tokenWindows(tokens, { length: 14 })).toThrow(refusal('DATA', 'above 14', '14'));
    expect(() => tokenWindows(tokens, { length: 2, lanes: 7 })).toThrow(refusal('DATA', '7 window(s)'));
    expect(() => tokenWindows(tokens, { length: 2, lane: 7 } as never)).toThrow(refusal('OPTION', 'lane'));
  });
});

describe('Moby Dick', () => {
  test('comes from the package', async () => {
    const text = await mobyDick();
    expect(text).toMatch(/^CHAPTER 1\. Loomings\.\n\nCall me Ishmael\. Some years ago/);
    expect(text).toMatch(/another orphan\.\n$/);
    expect(text.length).toBeGreaterThan(1.1e6);
    expect(characters(text).size).toBe(81);
  });

  test('comes from a folder, or is missed', async () => {
    const folder = join(temporary, 'book');
    mkdirSync(folder);
    for (let i = 1; i <= 135; i++) writeFileSync(join(folder, `chapter_${i}.txt`), `${i}\r\n`);
    await expect(mobyDick({ folder })).rejects.toThrow(refusal('FILE', 'epilogue.txt'));
    writeFileSync(join(folder, 'epilogue.txt'), 'end');
    expect(await mobyDick({ folder })).toMatch(/^1\n\n\n2\n.*135\n\n\nend\n$/s);
    await expect(mobyDick({ path: folder } as never)).rejects.toThrow(refusal('OPTION', 'path'));
  });
});

const temporary = temporaryFolder();
