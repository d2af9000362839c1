/** .npy files: NumPy's own, round trips, and every lie refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DType, type Shape, tensor } from '../../lib/graph/tensor';
import { decodeNpy, encodeNpy, readNpy, writeNpy } from '../../lib/io';
import { refusal, temporaryFolder } from './refusal';

const folder = temporaryFolder();
const fixture = (name: string) => readNpy(join(__dirname, 'fixtures', name));

test("NumPy's files", async () => {
  expect(await fixture('float32.npy')).toEqual(tensor([1.5, -2, 0.25, 3e38, 0, 1], [3, 2]));
  expect(await fixture('float64.npy')).toEqual(tensor([3.5], []));
  expect(await fixture('int64.npy')).toEqual(tensor([-2, -1, 0, 1, 2], [5], 'int32'));
  expect(await fixture('bool.npy')).toEqual(tensor([1, 0], [2], 'bool'));
  expect(await fixture('version2.npy')).toEqual(tensor([0, 1, 2, 3, 4, 5], [1, 6], 'uint8'));
});

describe('round trip', () => {
  test.each<[DType, Shape]>([
    ['float32', [2, 3]],
    ['int32', [6]],
    ['uint8', [1, 6, 1]],
    ['bool', [3, 2]],
    ['float32', [0, 4]],
  ])('%s %j', async (dtype, shape) => {
    const made = tensor([0, 1, 1, 0, 1, 1].slice(0, shape.includes(0) ? 0 : 6), shape, dtype);
    const path = join(folder, 'round.npy');
    await writeNpy(path, made);
    expect(await readNpy(path)).toEqual(made);
  });

  test('numbers start at a multiple of 64', () => {
    for (const shape of [[1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]) {
      expect((encodeNpy(tensor([1], shape)).length - 4) % 64).toBe(0);
    }
  });
});

describe('refused, naming file and fault', () => {
  const good = Buffer.from(encodeNpy(tensor([1, 2, 3])));
  const withHeader = (from: string, to: string) => Buffer.from(good.toString('latin1').replace(from, to), 'latin1');

  test.each<[string, Uint8Array, string[]]>([
    ['short', good.subarray(0, 11), ['at least 12 bytes', '11 bytes']],
    ['magic', withHeader('NUMPY', 'NUMPX'), ['the first bytes', 'NUMPX']],
    ['version', Buffer.concat([good.subarray(0, 6), Buffer.of(3), good.subarray(7)]), ['the version', 'got 3']],
    ['header beyond the file', good.subarray(0, 60), ['the header', 'within the file', '118 bytes']],
    ['header of another form', withHeader('descr', 'dexcr'), ['the header', 'descr, fortran_order and shape']],
    ['big-endian', withHeader('<f4', '>f4'), ['the element type', '<f4', "'>f4'"]],
    ['structured', withHeader("'<f4'", "[('a')]"), ['the header']],
    ['truncated', good.subarray(0, -1), ['the data', '12 bytes for the shape [3]', '11 bytes']],
    ['shape beyond the file', withHeader('(3,)', '(9,)'), ['36 bytes for the shape [9]']],
    ['trailing', Buffer.concat([good, Buffer.of(0)]), ['12 bytes', '13 bytes']],
  ])('%s', async (name, bytes, parts) => {
    const path = join(folder, `${name}.npy`);
    writeFileSync(path, bytes);
    await expect(readNpy(path)).rejects.toThrow(refusal('FILE', path, ...parts));
  });

  test('Fortran order', async () => {
    await expect(fixture('fortran.npy')).rejects.toThrow(
      refusal('FILE', 'the order', 'C', 'ascontiguousarray', 'Fortran'),
    );
  });

  test('int64 beyond int32', () => {
    const wide = withHeader('<f4', '<i8').subarray(0, -12);
    const numbers = Buffer.alloc(24);
    numbers.writeBigInt64LE(2n ** 31n, 8);
    expect(() => decodeNpy(Buffer.concat([wide, numbers]))).toThrow(
      refusal('FILE', 'every int64', 'within int32', '2147483648'),
    );
  });

  test('bools other than 0 and 1', () => {
    const made = Buffer.from(encodeNpy(tensor([1, 0], [2], 'bool')));
    made[made.length - 1] = 2;
    expect(() => decodeNpy(made)).toThrow(refusal('FILE', 'every bool', '0 or 1', '2'));
  });

  test('missing file', async () => {
    await expect(readNpy(join(folder, 'absent'))).rejects.toThrow(refusal('FILE', 'absent', 'ENOENT'));
  });
});
