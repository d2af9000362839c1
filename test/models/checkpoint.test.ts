/** Checkpoints: training goes on bit for bit in a new process, and no failure costs an older file. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConvoltError, io, layers, Session, tensor } from '../../lib';
import { openRecipe, trainSteps } from './recipe';

const folder = mkdtempSync(join(tmpdir(), 'convolt-'));
const at = (name: string) => join(folder, name);

describe('checkpoints', () => {
  test('2N steps equal N, save, load in a new process, N: bit for bit', async () => {
    const session = openRecipe();
    await trainSteps(session, 0, 12);
    await session.save(at('half.safetensors'));
    await trainSteps(session, 12, 12);
    await session.save(at('whole.safetensors'));
    session.dispose();
    const script = join(__dirname, 'continue.ts');
    const runner = join(__dirname, '..', 'run-typescript.cjs');
    execFileSync(process.execPath, ['-r', runner, script, at('half.safetensors'), at('resumed.safetensors')]);
    expect(readFileSync(at('resumed.safetensors')).equals(readFileSync(at('whole.safetensors')))).toBe(true);
  });

  test('the header tells what the file is, and the weights are plain safetensors', async () => {
    const session = openRecipe();
    await trainSteps(session, 0, 1);
    await session.save(at('header.safetensors'), { note: 'mine' });
    const { tensors, metadata } = await io.readSafetensors(at('header.safetensors'));
    expect(metadata).toMatchObject({ format: 'convolt', note: 'mine' });
    expect(tensors.get('dense.weight')?.dtype).toBe('float32');
    expect(tensors.has('random.key')).toBe(true);
    session.dispose();
  });

  test('a file of another model, a file without a parameter, no file', async () => {
    const session = openRecipe();
    await trainSteps(session, 0, 1);
    await io.writeSafetensors(at('other.safetensors'), new Map([['dense.weight', tensor([1, 2, 3])]]));
    const codeOf = async (path: string) => ((await session.load(path).catch((error) => error)) as ConvoltError).code;
    expect(await codeOf(at('other.safetensors'))).toBe('STATE');
    await io.writeSafetensors(at('little.safetensors'), new Map([['dense.weight', session.read('dense.weight')]]));
    expect(await codeOf(at('little.safetensors'))).toBe('STATE');
    expect(await codeOf(at('absent.safetensors'))).toMatch(/FILE|IO/);
    session.dispose();

    const untraced = openRecipe();
    await untraced.load(at('little.safetensors'));
    const failure = (await untraced
      .run(tensor(new Float32Array(64), [1, 8, 8, 1]))
      .catch((error) => error)) as ConvoltError;
    expect([failure.code, failure.message]).toEqual(['STATE', expect.stringContaining('little.safetensors')]);
    untraced.dispose();
  });

  test('saving a model that was never traced is an error; a failed save keeps the old file', async () => {
    const untraced = new Session(layers.dense(2));
    await expect(untraced.save(at('x.safetensors'))).rejects.toMatchObject({ code: 'STATE' });
    const session = openRecipe();
    await trainSteps(session, 0, 1);
    await expect(session.save('/proc/convolt/none.safetensors')).rejects.toMatchObject({ code: 'IO' });
    writeFileSync(at('old.safetensors'), 'old');
    await expect(session.save(join(at('old.safetensors'), 'below'))).rejects.toMatchObject({ code: 'IO' });
    expect(readFileSync(at('old.safetensors'), 'utf8')).toBe('old');
    session.dispose();
  });
});

test('a file with weights only: optimizer, random key and progress start anew, as in a fresh session', async () => {
  const [used, fresh] = [openRecipe(), openRecipe()];
  await trainSteps(used, 0, 6);
  await used.save(at('used.safetensors'));
  const { tensors } = await io.readSafetensors(at('used.safetensors'));
  const isKept = (path: string) => !path.startsWith('optimizer.') && path !== 'random.key';
  const weights = new Map([...tensors].filter(([path]) => isKept(path)));
  await io.writeSafetensors(at('weights.safetensors'), weights);
  const after = async (session: Session, name: string) => {
    await session.load(at('weights.safetensors'));
    await trainSteps(session, 6, 3);
    await session.save(at(name));
    session.dispose();
    return readFileSync(at(name));
  };
  const [a, b] = [await after(used, 'a.safetensors'), await after(fresh, 'b.safetensors')];
  const numbers = (bytes: Buffer) => io.decodeSafetensors(bytes).tensors;
  for (const [path, tensorOfFresh] of numbers(b)) expect([path, numbers(a).get(path)]).toEqual([path, tensorOfFresh]);
});
