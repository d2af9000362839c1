/** Damaged files of every kind give a value or a ConvoltError; files that once did not are read again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ConvoltError } from '../../lib';
import { generator } from '../cases/case';
import { mutateBytes, mutatePng, mutateSafetensors, mutateText, withinGzip } from './mutate';
import { fuzz, replay } from './rounds';
import { type FuzzTarget, fuzzTargets } from './targets';

const corpus = join(__dirname, 'corpus');

describe.each(Object.entries(fuzzTargets))('%s', (name, target) => {
  test('its own files are read, or refused by name', async () => {
    for (const bytes of await target.seeds()) expect(await replay(target, bytes)).toBeUndefined();
  });

  test('200 damaged files', async () => {
    const { executions, shapes, faults } = await fuzz(target, generator(7), (done) => done === 200);
    expect(faults.map(({ fault }) => fault)).toEqual([]);
    expect(executions).toBe(200);
    expect(shapes.length).toBeGreaterThan(1);
  });

  const folder = join(corpus, name);
  const found = existsSync(folder) ? readdirSync(folder) : [];
  if (found.length) {
    test.each(found)('the file %s', async (file) => {
      expect(await replay(target, readFileSync(join(folder, file)))).toBeUndefined();
    });
  }
});

describe('a parser that should be found out', () => {
  const reading = (read: FuzzTarget['read']): FuzzTarget => ({
    seeds: async () => [Buffer.from('{"a": [1, 2]}')],
    mutations: [mutateBytes, mutateText],
    read,
  });
  const faultsOf = async (read: FuzzTarget['read'], rounds = 50) =>
    (await fuzz(reading(read), generator(1), (done) => done === rounds)).faults;

  test('for another error', async () => {
    const faults = await faultsOf((path) => JSON.parse(readFileSync(path, 'utf8')));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]?.fault).toContain('SyntaxError');
  });

  test('for memory far beyond the size of the file', async () => {
    const [found] = await faultsOf(() => new Float64Array(1 << 22), 1);
    expect(found?.fault).toContain('bytes of memory');
  });

  test('not for an error of our own', async () => {
    const refuse = () => {
      throw new ConvoltError('FILE', 'read: expected the file to be whole but got parts of one');
    };
    expect(await faultsOf(refuse)).toEqual([]);
  });
});

test('mutations know the containers', () => {
  const random = generator(3);
  const png = Buffer.from(readFileSync(join(__dirname, '../io/fixtures/rgba.png')));
  for (const mutate of [mutateBytes, mutateText, mutatePng, mutateSafetensors]) {
    expect(mutate(png, random)).toBeInstanceOf(Buffer);
    expect(mutate(Buffer.alloc(0), random)).toBeInstanceOf(Buffer);
  }
});

test('a mutation within gzip leaves the container whole, and one that is broken is mutated as bytes', () => {
  const within = withinGzip((bytes) => Buffer.concat([bytes, Buffer.from('!')]));
  expect(gunzipSync(within(gzipSync('numbers'), generator(3))).toString()).toBe('numbers!');
  expect(within(Buffer.from('1f8b', 'hex'), generator(3))).toEqual(
    mutateBytes(Buffer.from('1f8b', 'hex'), generator(3)),
  );
});
