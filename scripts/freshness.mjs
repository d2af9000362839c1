// Tells what is out of date by the files' times.
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './command.mjs';

const timeOf = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newest(path, skipped) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const names = readdirSync(path).filter((name) => !skipped.includes(name));
  return Math.max(found.mtimeMs, ...names.map((name) => newest(join(path, name), skipped)));
}

/** True when `result` is missing or older than any file or folder of `sources`; names in `skipped` do not count. */
export function outdated(result, sources, skipped = []) {
  return timeOf(join(root, result)) < Math.max(...sources.map((source) => newest(join(root, source), skipped)));
}

/** Marks `result` as made from what was there at `time`, in milliseconds. */
export function markMade(result, time) {
  utimesSync(join(root, result), time / 1000, time / 1000);
}
