/** Every instruction set that this machine has trains the same network, and CONVOLT_ISA chooses among them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { info } from '../../lib';
import { expectClose } from '../closeness';

/** Rounding differs between instruction sets and grows over steps. */
const nearly = { absolute: 1e-3, relative: 1e-2 };

async function trained(isa: string): Promise<Record<string, never>> {
  const script = [join(__dirname, 'isa-training.ts')];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['-r', join(__dirname, '..', 'run-typescript.cjs'), ...script],
    { env: { ...process.env, CONVOLT_ISA: isa } },
  );
  return JSON.parse(stdout);
}

const { features } = info();
const isas = ['generic', ...['avx2', 'avx512'].filter((isa) => features.some((feature) => feature.startsWith(isa)))];

test.each(isas.slice(1).map((isa) => [isa]))('%s trains as generic code does', async (isa) => {
  const [plain, fast] = await Promise.all([trained('generic'), trained(isa)]);
  expect([plain.isa, fast.isa]).toEqual(['generic', isa]);
  const steps: number[] = plain.losses ?? [];
  expect(steps.every(Number.isFinite)).toBe(true);
  expect(steps.at(-1)).toBeLessThan((steps[0] as number) - 0.3);
  expectClose({ shape: [12], data: fast.losses ?? [] }, { shape: [12], data: steps }, nearly);
});

test('an unknown instruction set is one clear error', async () => {
  expect(await trained('sse9')).toEqual({
    code: 'VALUE',
    message: expect.stringMatching(/CONVOLT_ISA.*generic.*sse9/),
  });
});
