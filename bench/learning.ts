/** How a language model learns, beside a peer that begins with the same weights and is given the same windows. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data } from '../lib';
import { trainLanguageModel } from '../test/golden/language-model';

export interface LearningOptions {
  readonly script: string;
  readonly steps: number;
  readonly threads: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Trains both on Moby Dick and prints the mean loss of every tenth of the steps. */
export async function compareLearning({ script, steps, threads }: LearningOptions): Promise<void> {
  const text = await data.mobyDick();
  const sizes = { features: 128, units: 256, batch: 32, length: 64, steps, rate: 0.002, scale: 1 / 32 };
  const ours = await trainLanguageModel({ text, ...sizes });
  const folder = mkdtempSync(join(tmpdir(), 'convolt-learning-'));
  try {
    const file = join(folder, 'text.txt');
    writeFileSync(file, text);
    const python = process.env.CONVOLT_PEER_PYTHON ?? 'python3';
    const arguments_ = [script, String(threads), JSON.stringify({ file, ...sizes })];
    const theirs: number[] = JSON.parse(execFileSync(python, arguments_, { encoding: 'utf8' }));
    const part = Math.max(1, Math.floor(steps / 10));
    for (let begin = 0; begin + part <= steps; begin += part) {
      const [mine, other] = [ours, theirs].map((losses) => mean(losses.slice(begin, begin + part))) as [number, number];
      const share = (100 * (mine / other - 1)).toFixed(3);
      console.log(`steps ${begin + 1} to ${begin + part}: ${mine.toFixed(4)}, peer ${other.toFixed(4)} (${share} %)`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
