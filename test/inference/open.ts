/** What the tests of inference models share: sessions with statistics unlike those of a fresh model. */
import { type layers, Session, type Tensor, tensor } from '../../lib';
import { hostNormal, hostUniform } from '../../lib/graph/philox';
import { type Shape, sizeOf } from '../../lib/graph/tensor';

export const normal = (seed: number, shape: Shape): Tensor => tensor(hostNormal([seed, 1], sizeOf(shape)), shape);

/** A session whose vectors (biases, factors, statistics) are random; variances are in [0.5, 2). */
export async function openRandom(model: layers.Layer, ...inputs: readonly Tensor[]): Promise<Session> {
  const session = new Session(model, { seed: 3 });
  for (const input of inputs) await session.run(input);
  session.declarations().forEach(({ path, shape }, i) => {
    if (shape.length > 1) return;
    const size = sizeOf(shape);
    const isPositive = /variance|gamma/.test(path);
    const numbers = isPositive
      ? hostUniform([i, 7], size).map((number) => 0.5 + 1.5 * number)
      : hostNormal([i, 7], size).map((number) => 0.5 * number);
    session.write(path, tensor(numbers, shape));
  });
  return session;
}

/** The relative distance of two tensors: the largest difference by the largest number. */
export function distance(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  let [difference, largest] = [0, 0];
  b.data.forEach((number, i) => {
    difference = Math.max(difference, Math.abs(number - (a.data[i] as number)));
    largest = Math.max(largest, Math.abs(number));
  });
  return difference / (largest || 1);
}

/** The kernels of a model's program, in order. */
export const kernelsOf = (explained: string): string[] =>
  explained.split('\n').flatMap((line) => /^ *\d+ (?:\+ )?(\w+) /.exec(line)?.[1] ?? []);
