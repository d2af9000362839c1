/** Damaged and lying files, and disks that refuse: sessions keep their states, folders their old files. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, fit, io, tensor } from '../../lib';
import { count, examples, expectRefusal, input, open, opened, states, target } from './small';

const folder = mkdtempSync(join(tmpdir(), 'convolt-bad-'));
const at = (name: string) => join(folder, name);

afterEach(() => jest.restoreAllMocks());

/** The bytes of a safetensors file with this header and as many bytes behind it. */
function fileOf(header: unknown, bytes: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(bytes)]);
}

const weights = (begin: number, end: number) => ({ dtype: 'F32', shape: [8], data_offsets: [begin, end] });

describe('checkpoints that lie', () => {
  let whole: Buffer;
  beforeAll(async () => {
    const session = await opened();
    await session.save(at('whole.safetensors'));
    whole = readFileSync(at('whole.safetensors'));
    session.dispose();
  });

  const huge = Buffer.alloc(64);
  huge.writeBigUInt64LE(2n ** 62n);

  test.each<[string, () => Uint8Array, string[]]>([
    ['empty', () => Buffer.alloc(0), ['0 bytes']],
    ['cut within the header', () => whole.subarray(0, 40), ['header']],
    ['cut within the numbers', () => whole.subarray(0, whole.length - 5), []],
    ['longer than they say', () => Buffer.concat([whole, Buffer.alloc(3)]), []],
    ['of huge headers', () => huge, ['header', 'at most 56 bytes']],
    ['of headers that are no JSON', () => fileOf('{{', 0), ['header']],
    ['of tensors beyond the file', () => fileOf({ 'dense.bias': weights(0, 32) }, 16), ['dense.bias']],
    ['of overlapping tensors', () => fileOf({ a: weights(0, 32), b: weights(16, 48) }, 48), []],
    ['of sizes that do not fit', () => fileOf({ a: { ...weights(0, 16), shape: [9] } }, 16), ["'a'"]],
    ['of unknown types', () => fileOf({ a: { ...weights(0, 32), dtype: 'X9' } }, 32), ['X9']],
    ['of epochs that are no number', () => io.encodeSafetensors(new Map(), { epochs: 'many' }), ['epochs', "'many'"]],
  ])('%s', async (_, bytes, parts) => {
    writeFileSync(at('damaged.safetensors'), bytes());
    const session = await opened();
    const before = states(session);
    await expectRefusal(() => session.load(at('damaged.safetensors')), 'FILE', 'damaged.safetensors', ...parts);
    expect([states(session), session.epochs]).toEqual([before, 0]);
    expect((await session.step(input, target)).loss).toBeGreaterThan(0);
    session.dispose();
  });

  test('one tensor of another shape: none is loaded', async () => {
    const { tensors } = await io.readSafetensors(at('whole.safetensors'));
    tensors.set('dense2.bias', tensor([1, 2]));
    await io.writeSafetensors(at('other.safetensors'), tensors);
    const session = await opened({ seed: 5 });
    const before = states(session);
    await expectRefusal(() => session.load(at('other.safetensors')), 'STATE', 'dense2.bias', '[3]', '[2]');
    expect(states(session)).toEqual(before);
    session.dispose();
  });

  test('missing', () => expectRefusal(() => open().load(at('none.safetensors')), 'FILE', 'none.safetensors'));
});

describe('a save that fails', () => {
  const failure = (code: string, text: string) => Object.assign(new Error(`${code}: ${text}, write`), { code });

  test.each([
    ['a full disk', 'ENOSPC', 'no space left on device'],
    ['a disk quota', 'EDQUOT', 'disk quota exceeded'],
  ])('%s: the old checkpoint survives and training goes on', async (_, code, text) => {
    const session = await opened();
    const path = at(`${code}.safetensors`);
    await session.save(path);
    const old = readFileSync(path);
    const files = readdirSync(folder);
    await session.step(input, target);
    const { open: openFile } = fs;
    jest.spyOn(fs, 'open').mockImplementationOnce(async (...parameters) => {
      const file = await openFile(...parameters);
      await file.write(Buffer.of(1));
      file.write = () => Promise.reject(failure(code, text));
      return file;
    });
    await expectRefusal(() => session.save(path), 'IO', path, code);
    expect(readFileSync(path).equals(old)).toBe(true);
    expect(readdirSync(folder)).toEqual(files);
    await session.step(input, target);
    await session.save(path);
    expect(readFileSync(path).equals(old)).toBe(false);
    session.dispose();
  });

  test('a read-only file system', async () => {
    const session = await opened();
    jest.spyOn(fs, 'open').mockRejectedValueOnce(failure('EROFS', 'read-only file system'));
    await expectRefusal(() => session.save(at('read-only.safetensors')), 'IO', 'read-only.safetensors', 'EROFS');
    session.dispose();
  });

  test('no folder', async () => {
    const session = await opened();
    await expectRefusal(() => session.save(at('no/folder.safetensors')), 'IO', 'no/folder.safetensors', 'ENOENT');
    session.dispose();
  });
});

describe('datasets in IDX files', () => {
  const images = io.encodeIdx(
    tensor(
      Uint8Array.from({ length: 4 * 9 }, (_, i) => i),
      [4, 3, 3],
    ),
  );
  const labels = io.encodeIdx(tensor(Uint8Array.of(0, 1, 2, 1), [4]));

  /** A folder whose training images are `bytes`. */
  function folderOf(bytes: Uint8Array): string {
    const made = mkdtempSync(join(folder, 'idx-'));
    for (const part of ['train', 't10k']) {
      writeFileSync(join(made, `${part}-images-idx3-ubyte`), part === 'train' ? bytes : images);
      writeFileSync(join(made, `${part}-labels-idx1-ubyte`), labels);
    }
    return made;
  }

  const changed = (position: number, value: number): Buffer => {
    const bytes = Buffer.from(images);
    bytes[position] = value;
    return bytes;
  };

  test('sound ones are read', async () => expect((await data.idxFolder(folderOf(images))).train.size).toBe(4));

  test.each<[string, Uint8Array]>([
    ['empty', Buffer.alloc(0)],
    ['cut within the header', images.subarray(0, 10)],
    ['cut within the pixels', images.subarray(0, images.length - 1)],
    ['longer than they say', Buffer.concat([images, Buffer.of(0)])],
    ['of more images than they have', changed(7, 5)],
    ['of 2^32 images', Buffer.concat([images.subarray(0, 4), Buffer.alloc(4, 255), images.subarray(8)])],
    ['without the magic number', changed(0, 1)],
    ['of an unknown type', changed(2, 0x77)],
    ['cut within gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1])],
  ])('%s', (_, bytes) => expectRefusal(() => data.idxFolder(folderOf(bytes)), 'FILE', 'train-images-idx3-ubyte'));

  test('of another number of labels', async () => {
    const made = folderOf(images);
    writeFileSync(join(made, 'train-labels-idx1-ubyte'), io.encodeIdx(tensor(Uint8Array.of(0, 1, 2), [3])));
    await expectRefusal(() => data.idxFolder(made), 'DATA', '4', '3');
  });
});

test('a fit after a failed save is what it would have been', async () => {
  const [plain, failed] = [await opened(), await opened()];
  await failed.save(at('no/way.safetensors')).catch(() => undefined);
  for (const session of [plain, failed]) await fit(session, examples, { epochs: 2, batchSize: count / 4 });
  expect(states(failed)).toEqual(states(plain));
  plain.dispose();
  failed.dispose();
});
