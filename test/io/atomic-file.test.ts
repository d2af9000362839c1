/** Files replaced whole or not at all, whatever the system says. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../lib/io';
import { refusal, temporaryFolder } from './refusal';

const folder = temporaryFolder();
const path = join(folder, 'model');

/** An error as the operating system gives it. */
const systemError = (code: string, message: string) => Object.assign(new Error(`${code}: ${message}, write`), { code });

/** Lets the next opened file write its first byte and then fail in `method`. */
function failIn(method: 'write' | 'sync', error: Error): void {
  const { open } = fs;
  jest.spyOn(fs, 'open').mockImplementationOnce(async (...parameters) => {
    const file = await open(...parameters);
    if (method === 'write') await file.write(Buffer.of(1));
    file[method] = () => Promise.reject(error);
    return file;
  });
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(path, 'old');
});

afterEach(() => jest.restoreAllMocks());

function expectUntouched(): void {
  expect(readdirSync(folder)).toEqual(['model']);
  expect(readFileSync(path, 'utf8')).toBe('old');
}

test('writes all parts, over an old file too', async () => {
  await writeAtomically(path, [Buffer.from('new '), Buffer.alloc(0), Buffer.from('parts')]);
  expect(readFileSync(path, 'utf8')).toBe('new parts');
  expect(readdirSync(folder)).toEqual(['model']);
});

test('writes on when the system takes a part of the bytes', async () => {
  const { open } = fs;
  jest.spyOn(fs, 'open').mockImplementationOnce(async (...parameters) => {
    const file = await open(...parameters);
    const write = file.write.bind(file);
    file.write = ((bytes: Uint8Array, from: number) => write(bytes, from, 1)) as typeof file.write;
    return file;
  });
  await writeAtomically(path, [Buffer.from('abc')]);
  expect(readFileSync(path, 'utf8')).toBe('abc');
});

test('a full disk', async () => {
  failIn('write', systemError('ENOSPC', 'no space left on device'));
  const message = `save: expected '${path}' to be writable but got ENOSPC: no space left on device`;
  await expect(writeAtomically(path, [Buffer.from('new')])).rejects.toMatchObject({ code: 'IO', message });
  expectUntouched();
});

test('a disk that fails to flush', async () => {
  failIn('sync', systemError('EIO', 'i/o error'));
  await expect(writeAtomically(path, [Buffer.from('new')])).rejects.toThrow(refusal('IO', path, 'EIO'));
  expectUntouched();
});

test('a read-only folder', async () => {
  jest.spyOn(fs, 'open').mockRejectedValueOnce(systemError('EROFS', 'read-only file system'));
  await expect(writeAtomically(path, [Buffer.from('new')])).rejects.toThrow(refusal('IO', path, 'EROFS'));
  expectUntouched();
});

test('a folder in the place of the file', async () => {
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  await expect(writeAtomically(taken, [Buffer.from('new')])).rejects.toThrow(refusal('IO', taken, 'EISDIR'));
  expect(readdirSync(folder)).toEqual(['model', 'taken']);
});

test('no folder', async () => {
  const lost = join(folder, 'absent', 'model');
  await expect(writeAtomically(lost, [])).rejects.toThrow(refusal('IO', lost, 'writable', 'ENOENT'));
});

test('the cause is kept', async () => {
  const cause = systemError('ENOSPC', 'no space left on device');
  failIn('write', cause);
  await expect(writeAtomically(path, [Buffer.of(1)])).rejects.toMatchObject({ cause });
});
