/** `convolt evaluate`: measures a saved model on test data. */
import type { Tensor } from '../graph/tensor';
import { readSafetensors } from '../io/safetensors';
import { confusionMatrix } from '../metrics';
import { evaluate as measure, predict } from '../models';
import { loadData } from './choices';
import { showAll, showConfusion } from './report';
import { networkOf, openCheckpoint } from './saved-model';
import { openSession } from './train';

/** The row-wise position of the largest number. */
export function argmaxRows({ data, shape }: Tensor): number[] {
  const width = shape.at(-1) as number;
  return Array.from({ length: data.length / width }, (_, row) => {
    const scores = data.subarray(row * width, (row + 1) * width);
    return scores.indexOf(Math.max(...scores));
  });
}

/** Prints loss, accuracy and confusion matrix. */
export async function evaluate(path: string, options: { data?: string; json: boolean }): Promise<void> {
  const { metadata } = await readSafetensors(path);
  const splits = await loadData(options.data ?? metadata.data ?? 'digits', 0);
  const session = openSession(networkOf(metadata), splits);
  await session.load(path);
  const means = await measure(session, splits.test);
  session.dispose();
  const { session: scoring } = await openCheckpoint(path);
  const predicted = argmaxRows(await predict(scoring, splits.test.input));
  scoring.dispose();
  const confusion = confusionMatrix([...splits.test.target.data], predicted, splits.classes);
  if (options.json) console.log(JSON.stringify({ ...means, confusion: confusion.counts }));
  else {
    console.log(showAll(means));
    console.log(showConfusion(confusion));
  }
}
