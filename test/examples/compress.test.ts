/** The example of compression, on few digits: every method reports, and the file is there. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();

test('compress', () => {
  const command = ['-r', join(__dirname, '..', 'run-typescript.cjs'), join(__dirname, '../../examples/compress.ts')];
  const text = execFileSync(process.execPath, [...command, '--epochs', '4', '--examples', '300', '--out', folder], {
    encoding: 'utf8',
  });
  const accuracies = [...text.matchAll(/^(?:float32: test accuracy|int8 by \w+:) ([\d.]+) %$/gm)];
  expect(accuracies).toHaveLength(5);
  expect(text).toMatch(/after training for it\nfile .* smaller\naccuracy /);
  expect(existsSync(join(folder, 'model.int8.convolt'))).toBe(true);
});
