/** What tests of bad input share: the expected error, and folders that vanish afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For `toThrow`: an error of this code whose message contains every one of `parts`. */
export function refusal(code: string, ...parts: readonly string[]) {
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return expect.objectContaining({ code, message: expect.stringMatching(new RegExp(escaped.join('.*'), 's')) });
}

/** A new folder for the tests of a file, removed behind them. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
