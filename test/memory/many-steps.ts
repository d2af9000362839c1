/** Prints the lowest resident memory of two stretches of a long training: after the warm-up, and at the end. */
import { input, openTiny, target } from './tiny';

const sampleEvery = 2500;

async function main(count: number): Promise<void> {
  const session = openTiny();
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    await session.step(input, target);
    if (i % sampleEvery) continue;
    globalThis.gc?.();
    samples.push(process.memoryUsage.rss());
  }
  const quarter = samples.length >> 2;
  const early = Math.min(...samples.slice(quarter, 2 * quarter));
  console.log(JSON.stringify({ early, late: Math.min(...samples.slice(-quarter)) }));
}

main(Number(process.argv[2]));
