/** Runs a peer's script beside ours, alternating, and prints the ratio of medians. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, type Timing } from './timing';

export interface CompareOptions {
  readonly script: string;
  readonly cases: readonly string[];
  readonly threads: number;
  readonly rounds: number;
  /** Alternatives of the peer, each a list of flags; the faster one counts. */
  readonly variants: readonly string[];
}

function timings(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Timing[] {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`bench compare: ${command} ${args.join(' ')} failed: ${stderr.slice(-2000)}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Timing);
}

const ours = (name: string, threads: number): number => {
  const args = [join(__dirname, 'main.js'), 'step', '--cases', name, '--threads', String(threads), '--json'];
  return (timings(process.execPath, args, process.env)[0] as Timing).median_ms;
};

/** The peer knows no multi-step calls: such a case is compared with the peer's plain one. */
const peerCase = (name: string): string => name.replace(/-multi$/, '');

function peer(python: string, options: CompareOptions, name: string): number {
  const env = { ...process.env, OMP_NUM_THREADS: String(options.threads) };
  const runs = options.variants.map((flags) => {
    const args = [options.script, String(options.threads), ...flags.split(' ').filter(Boolean), peerCase(name)];
    return (timings(python, args, env)[0] as Timing).median_ms;
  });
  return Math.min(...runs);
}

/** Prints a JSON line per case: both medians of all rounds and their ratio (above 1: ours is faster). */
export function compare(options: CompareOptions): void {
  const python = process.env.CONVOLT_PEER_PYTHON;
  if (!python) throw new Error('bench compare: expected CONVOLT_PEER_PYTHON to name a Python with the peer installed');
  for (const name of options.cases) {
    const mine: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < options.rounds; round++) {
      mine.push(ours(name, options.threads));
      theirs.push(peer(python, options, name));
    }
    const [convolt_ms, peer_ms] = [median(mine), median(theirs)];
    const ratio = Number((peer_ms / convolt_ms).toFixed(2));
    console.log(
      JSON.stringify({ case: name, threads: options.threads, rounds: options.rounds, convolt_ms, peer_ms, ratio }),
    );
  }
}
