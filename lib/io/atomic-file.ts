/** Files that are replaced whole or not at all. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refused } from './file';

async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    for (let done = 0; done < part.length; ) done += (await file.write(part, done)).bytesWritten;
  }
  await file.sync();
}

/** Makes a rename in `folder` last through a power cut; systems that cannot open folders have no need of it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Writes `parts` one behind the other to `path`: aside in the same folder, flushed to the disk, then renamed over
 * `path`. Whatever fails, nothing is left behind and a file that was there before is untouched.
 *
 * @param parts must not change before the promise settles
 * @throws ConvoltError `IO` naming the path and what the system said: no such folder, read-only, disk full
 */
export async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  const aside = join(folder, `.${basename(path)}.${Math.random().toString(36).slice(2)}.tmp`);
  try {
    const file = await open(aside, 'wx');
    try {
      await writeAll(file, parts);
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw refused('save', path, 'writable', cause);
  }
  await syncFolder(folder);
}
