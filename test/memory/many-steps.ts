/** Prints resident memory after a sixth of the steps and after all. */
import { input, openTiny, target } from './tiny';

async function main(count: number): Promise<void> {
  const session = openTiny();
  let early = 0;
  for (let i = 0; i < count; i++) {
    await session.step(input, target);
    if (i === Math.floor(count / 6)) {
      globalThis.gc?.();
      early = process.memoryUsage.rss();
    }
  }
  globalThis.gc?.();
  console.log(JSON.stringify({ early, late: process.memoryUsage.rss() }));
}

main(Number(process.argv[2]));
