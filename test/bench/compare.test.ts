/** The bench beside a peer, for which a script stands in. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'convolt-bench-'));
const script = join(folder, 'peer.js');
writeFileSync(
  script,
  `const show = (name, median_ms) => console.log(JSON.stringify({ case: name, median_ms, rss_mb: 7, args: process.argv.slice(2) }));
const [first] = process.argv.slice(2);
if (first === 'models') {
  show('infer-squeezenet11-b1', 1e6);
  show('infer-squeezenet11-b16', 1);
} else {
  console.log('a line that is not JSON');
  show(process.argv.at(-1), process.argv.includes('--quick') ? 5000 : 6000);
}`,
);

async function bench(env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const command = ['-r', join(root, 'test', 'run-typescript.cjs'), join(root, 'bench', 'main.ts'), ...args];
  try {
    return await promisify(execFile)(process.execPath, command, { env: { ...process.env, ...env } });
  } catch (error) {
    return error as { stdout: string; stderr: string };
  }
}

const peer = { CONVOLT_PEER_PYTHON: process.execPath };
const common = ['--script', script, '--rounds', '1', '--threads', '1'];

test('compare takes the fastest variant of the peer and prints ratio and memory', async () => {
  const { stdout } = await bench(peer, 'compare', ...common, '--cases', 'mlp-tiny-b8-sgd', '--variants', ',--quick');
  const line = JSON.parse(stdout);
  expect(line).toMatchObject({ case: 'mlp-tiny-b8-sgd', threads: 1, rounds: 1, peer_ms: 5000, peer_rss_mb: 7 });
  expect(line.ratio).toBeCloseTo(5000 / line.convolt_ms, 1);
  expect(line.convolt_rss_mb).toBeGreaterThan(10);
});

test('compare-infer pairs lines by case', async () => {
  const options = ['--folder', 'models', '--model', 'squeezenet11', '--batch', '1'];
  const { stdout } = await bench(peer, 'compare-infer', ...common, ...options);
  expect(JSON.parse(stdout)).toMatchObject({ case: 'infer-squeezenet11-b1', peer_ms: 1e6 });
});

test.each([
  ['a peer without Python', {}, ['compare', ...common, '--cases', 'mlp-tiny-b8-sgd'], 'CONVOLT_PEER_PYTHON'],
  [
    'a script that fails',
    peer,
    ['compare', ...common, '--script', 'nothing.js', '--cases', 'mlp-tiny-b8-sgd'],
    'failed',
  ],
  ['an unknown case', {}, ['step', '--cases', 'nothing'], "'nothing'"],
  ['an unknown function', {}, ['elementwise', '--cases', 'nothing'], "'nothing'"],
  ['an unknown model', {}, ['infer', '--model', 'nothing'], "'nothing'"],
  ['a batch of none', {}, ['infer', '--model', 'squeezenet11', '--batch', '0'], 'every batch'],
])('%s is an error in words', async (_, env, args, words) => {
  expect((await bench({ CONVOLT_PEER_PYTHON: '', ...env }, ...args)).stderr).toContain(words);
});
