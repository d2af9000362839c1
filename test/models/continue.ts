/** Loads a checkpoint of 12 steps, trains 12 more, saves: run by checkpoint.test.ts in a process of its own. */
import { openRecipe, trainSteps } from './recipe';

async function main([from, to]: readonly string[]): Promise<void> {
  const session = openRecipe();
  await session.load(from as string);
  await trainSteps(session, 12, 12);
  await session.save(to as string);
}

main(process.argv.slice(2));
