/** Runs a peer's script beside ours, alternating, and prints the ratio of medians. */
import { spawnSync } from 'node:child_process';
import type { Precision } from './infer';
import { median, type Timing } from './timing';

interface Rounds {
  /** The peer's Python script. */
  readonly script: string;
  readonly threads: number;
  readonly rounds: number;
}

export interface CompareOptions extends Rounds {
  readonly cases: readonly string[];
  /** Alternatives of the peer, each a list of flags; the faster one counts. */
  readonly variants: readonly string[];
}

export interface CompareInferenceOptions extends Rounds {
  readonly model: readonly string[];
  readonly batch: readonly number[];
  /** The folder of the peer's model files. */
  readonly folder: string;
  readonly precision: Precision;
}

/** Two commands that time the same cases, ours as arguments of the bench and the peer's as arguments of Python. */
interface Contest {
  readonly ours: readonly string[];
  /** Alternatives; the faster one counts. */
  readonly peers: readonly (readonly string[])[];
  /** What the peer calls a case of ours. */
  readonly peerCase: (name: string) => string;
}

function timings(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Timing[] {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`bench compare: ${command} ${args.join(' ')} failed: ${stderr.slice(-2000)}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Timing);
}

function peerPython(): string {
  const python = process.env.CONVOLT_PEER_PYTHON;
  if (!python) throw new Error('bench compare: expected CONVOLT_PEER_PYTHON to name a Python with the peer installed');
  return python;
}

/** The fastest of the timings of one case. */
function fastest(all: readonly Timing[], name: string): Timing {
  const [first, ...others] = all.filter((timing) => timing.case === name);
  if (!first) throw new Error(`bench compare: expected a line of case '${name}' but the peer printed none`);
  return others.reduce((best, timing) => (timing.median_ms < best.median_ms ? timing : best), first);
}

/** Prints a JSON line per case: both medians of all rounds, their ratio (above 1: ours is faster), and peak memory. */
function alternate({ ours, peers, peerCase }: Contest, { threads, rounds }: Rounds): void {
  const python = peerPython();
  const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
  const pairs = new Map<string, [Timing, Timing][]>();
  for (let round = 0; round < rounds; round++) {
    const args = [...process.execArgv, process.argv[1] as string, ...ours, '--threads', String(threads), '--json'];
    const mine = timings(process.execPath, args, process.env);
    const theirs = peers.flatMap((peer) => timings(python, peer, env));
    for (const timing of mine) {
      const pair: [Timing, Timing] = [timing, fastest(theirs, peerCase(timing.case))];
      pairs.set(timing.case, [...(pairs.get(timing.case) ?? []), pair]);
    }
  }
  for (const [name, measured] of pairs) {
    const middle = (side: 0 | 1, key: 'median_ms' | 'rss_mb') => median(measured.map((pair) => pair[side][key] ?? 0));
    const [convolt_ms, peer_ms] = [middle(0, 'median_ms'), middle(1, 'median_ms')];
    const ratio = Number((peer_ms / convolt_ms).toFixed(2));
    const memory = { convolt_rss_mb: middle(0, 'rss_mb'), peer_rss_mb: middle(1, 'rss_mb') || undefined };
    console.log(JSON.stringify({ case: name, threads, rounds, convolt_ms, peer_ms, ratio, ...memory }));
  }
}

/** Training steps against a script that takes THREADS [flags] CASE. */
export function compare(options: CompareOptions): void {
  const { script, cases, threads, variants } = options;
  const peerCase = (name: string): string => name.replace(/-multi$/, ''); // the peer knows no multi-step calls
  for (const name of cases) {
    const peers = variants.map((flags) => [
      script,
      String(threads),
      ...flags.split(' ').filter(Boolean),
      peerCase(name),
    ]);
    alternate({ ours: ['step', '--cases', name], peers, peerCase }, options);
  }
}

/** What the peer's script calls a network of other numbers. */
const peerModels: Readonly<Record<Precision, (name: string) => string>> = {
  float32: (name) => name,
  int8: (name) => `${name}.u8s8`,
  binary: (name) => `${name}.binary`,
};

/** Inference against a script that takes FOLDER THREADS MODEL and times the cases infer-MODEL-bBATCH. */
export function compareInference(options: CompareInferenceOptions): void {
  const { script, folder, model, batch, threads, precision } = options;
  for (const name of model) {
    const ours = ['infer', '--model', name, '--batch', batch.join(), '--precision', precision];
    const peer = peerModels[precision](name);
    const peerCase = (mine: string): string => `infer-${peer}${mine.slice(mine.lastIndexOf('-b'))}`;
    alternate({ ours, peers: [[script, folder, String(threads), peer]], peerCase }, options);
  }
}
