/** Work behind an embedding moves into its table, where that saves work and changes nothing. */
import { layers, ops, Session, type Tensor, tensor, type Value } from '../../lib';
import { distance, kernelsOf, openRandom } from './open';

const { dense, embedding, layer, sequential } = layers;

const tokens = tensor(Int32Array.of(3, 0, 6, 6, 1, 2), [2, 3]);

async function compare(model: layers.Layer): Promise<{ error: number; kernels: string[]; text: string }> {
  const session = await openRandom(model, tokens);
  const frozen = await session.compileForInference(tokens);
  const error = distance((await frozen.predict(tokens)) as Tensor, await session.run(tokens));
  const text = frozen.explain(2);
  session.dispose();
  frozen.dispose();
  return { error, kernels: kernelsOf(text), text };
}

const pair = (body: (x: Value) => Value) => layer('pair', body);

test.each<[string, layers.Layer, readonly string[]]>([
  ['a product and its bias', sequential(embedding(7, 4), dense(5)), ['gather']],
  ['products behind each other', sequential(embedding(7, 4), dense(5), dense(6)), ['gather']],
  ['activations between them', sequential(embedding(7, 4), dense(5), layers.tanh(), dense(6)), ['gather']],
  [
    'a product that sums over other rows',
    sequential(
      embedding(7, 4),
      pair((x) => ops.sum(x, { axes: [1] })),
      dense(5),
    ),
    ['gather', 'elementwise', 'matmul', 'elementwise'],
  ],
  [
    'another operand of the input',
    sequential(
      embedding(7, 4),
      pair((x) => ops.mul(x, x)),
      dense(5),
    ),
    ['gather'],
  ],
  ['a table that would grow too large', sequential(embedding(70, 2), dense(60)), ['gather', 'matmul', 'elementwise']],
  [
    'rows that are cut',
    sequential(
      embedding(7, 4),
      pair((x) => ops.reshape(x, [x.shape[0] as number, 6, 2])),
      dense(5),
    ),
    ['gather', 'matmul', 'elementwise'],
  ],
  [
    'factors that differ from row to row',
    sequential(
      embedding(7, 4),
      pair((x) => ops.mul(x, ops.constant(tensor([1, 2, 3], [3, 1])))),
      dense(5),
    ),
    ['gather', 'elementwise', 'matmul', 'elementwise'],
  ],
])('%s', async (_, model, kernels) => {
  const found = await compare(model);
  expect(found.error).toBeLessThan(1e-6);
  expect(found.kernels).toEqual(kernels);
});

test('the rows themselves stay where they are asked for', async () => {
  const session = new Session((x: Value, scope) => {
    const rows = embedding(7, 4)(x, scope);
    return { rows, scores: dense(5)(rows, scope) };
  });
  const expected = (await session.run(tokens, { fetch: [] })) as Record<string, Tensor>;
  const frozen = await session.compileForInference(tokens);
  const found = (await frozen.predict(tokens)) as Record<string, Tensor>;
  for (const name of ['rows', 'scores']) {
    expect(distance(found[name] as Tensor, expected[name] as Tensor)).toBeLessThan(1e-6);
  }
  frozen.dispose();
  session.dispose();
});
