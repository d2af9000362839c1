/** The `convolt` command, as a user runs it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { data, io, tensor } from '../../lib';

const folder = mkdtempSync(join(tmpdir(), 'convolt-cli-'));
const command = [
  '-r',
  join(__dirname, '..', 'run-typescript.cjs'),
  join(__dirname, '..', '..', 'lib', 'cli', 'main.ts'),
];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function convolt(...args: string[]): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...command, ...args]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Outcome;
  }
}

const damaged = join(folder, 'damaged.safetensors');
writeFileSync(damaged, 'cut');

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const model = join(folder, 'digits', 'model.safetensors');

describe('convolt', () => {
  test('train, evaluate and predict the digits', async () => {
    const trained = await convolt('train', '--epochs', '8', '--out', join(folder, 'digits'), '--json');
    expect(trained).toMatchObject({ code: 0 });
    const last = lines(trained.stdout).at(-1);
    expect(last.test.accuracy).toBeGreaterThan(0.95);
    expect(readFileSync(join(folder, 'digits', 'curves.svg'), 'utf8')).toContain('<svg');
    expect(JSON.parse(readFileSync(join(folder, 'digits', 'history.json'), 'utf8'))).toHaveLength(8);

    const evaluated = lines((await convolt('evaluate', model, '--json')).stdout)[0];
    expect(evaluated.accuracy).toBeCloseTo(last.test.accuracy, 6);
    expect(evaluated.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(359);
    expect((await convolt('evaluate', model)).stdout).toContain('recall');

    const { input, target } = data.take(data.digitsSplit().test, 1);
    const predicted = lines(
      (await convolt('predict', JSON.stringify([...input.data]), '--model', model, '--json')).stdout,
    )[0];
    expect(predicted.label).toBe(target.data[0]);
    expect(predicted.probabilities.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 5);

    const picture = join(folder, 'digit.png');
    writeFileSync(
      picture,
      io.encodePng(
        tensor(
          Uint8Array.from(input.data, (ink) => 255 * ink),
          [8, 8, 1],
        ),
      ),
    );
    const seen = lines((await convolt('predict', picture, '--model', model, '--json')).stdout)[0];
    expect(seen.label).toBe(predicted.label);
    expect((await convolt('predict', picture, '--model', model)).stdout).toContain(
      `${picture.slice(0, 60)}: ${predicted.label}`,
    );
  });

  test('a folder of IDX files', async () => {
    const idx = join(folder, 'idx');
    mkdirSync(idx);
    for (const [part, count] of [
      ['train', 48],
      ['t10k', 16],
    ] as const) {
      const pixels = tensor(
        Uint8Array.from({ length: count * 64 }, (_, i) => (i * 37) % 256),
        [count, 8, 8],
      );
      const labels = tensor(
        Uint8Array.from({ length: count }, (_, i) => i % 10),
        [count],
      );
      writeFileSync(join(idx, `${part}-images-idx3-ubyte`), io.encodeIdx(pixels));
      writeFileSync(join(idx, `${part}-labels-idx1-ubyte`), io.encodeIdx(labels));
    }
    const { code, stdout } = await convolt(
      'train',
      '--data',
      idx,
      '--model',
      'mlp',
      '--epochs',
      '1',
      '--batch',
      '8',
      '--out',
      join(folder, 'own'),
      '--json',
    );
    expect(code).toBe(0);
    expect(lines(stdout).at(-1).test.loss).toBeGreaterThan(0);
  });

  test('random changes of the training images', async () => {
    const [first, again, plain] = await Promise.all(
      [['--augment', 'crop,flip'], ['--augment', 'crop,flip'], []].map(async (more, i) => {
        const out = join(folder, `augmented${i}`);
        const args = ['train', '--model', 'mlp', '--epochs', '1', '--out', out, '--json', ...more];
        return lines((await convolt(...args)).stdout)[0].training.loss;
      }),
    );
    expect(again).toBe(first);
    expect(plain).toBeLessThan(first);
  });

  test('info and help', async () => {
    const [facts] = lines((await convolt('info', '--json')).stdout);
    expect(facts.threads).toBeGreaterThan(0);
    expect(facts.isa).toMatch(/generic|avx2|avx512|neon/);
    expect((await convolt('--help')).stdout).toContain('train');
    expect((await convolt('train', '--help')).stdout).toContain('--epochs');
    expect((await convolt('info', '--threads', '1')).stdout).toMatch(/threads +1/);
  });

  test('SIGINT saves a checkpoint that training goes on from', async () => {
    const out = join(folder, 'stopped');
    const child: ChildProcess = spawn(process.execPath, [
      ...command,
      'train',
      '--epochs',
      '100000',
      '--out',
      out,
      '--json',
    ]);
    await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    const checkpoint = join(out, 'model.safetensors');
    expect(existsSync(checkpoint)).toBe(true);
    const resumed = await convolt(
      'train',
      '--epochs',
      '1',
      '--resume',
      checkpoint,
      '--out',
      join(folder, 'resumed'),
      '--json',
    );
    expect(resumed.code).toBe(0);
    expect(lines(resumed.stdout)[0].epoch).toBeGreaterThan(1);
  });

  test.each([
    [['train', '--data', join(folder, 'nowhere')], /nowhere/],
    [['train', '--model', 'vgg99'], /vgg99/],
    [['train', '--epochs', '0'], /epochs/],
    [['train', '--rate', 'fast'], /rate/],
    [['train', '--batch', '100000'], /batch size/],
    [['evaluate', join(folder, 'none.safetensors')], /none\.safetensors/],
    [['predict', '[1,2,3]', '--model', model], /64/],
    [['predict', join(folder, 'none.png'), '--model', model], /none\.png/],
    [['predict', '[1,', '--model', model], /JSON/],
    [['predict', JSON.stringify(new Array(64).fill('a')), '--model', model], /every value.*"a"/],
    [['launch'], /launch/],
    [['train', '--epoch', '3'], /--epoch/],
    [['train', '--batch', '0'], /--batch/],
    [['train', '--rate', '-1'], /--rate/],
    [['train', '--optimizer', 'foo'], /adam, sgd, momentum/],
    [['train', '--augment', 'flip,turn'], /--augment.*flip, crop.*'turn'/],
    [['train', '--out', join(damaged, 'below')], /writable folder.*ENOTDIR/],
    [['train', '--resume', damaged], /damaged\.safetensors.*at least 8 bytes/],
    [['evaluate', damaged], /damaged\.safetensors.*at least 8 bytes/],
    [['info', '--threads', '0'], /--threads/],
    [['info', '--threads', '5000'], /5000/],
  ])('%s is one clear error', async (args, pattern) => {
    const { code, stderr } = await convolt(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(pattern);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});
