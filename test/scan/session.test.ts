/** Models whose cells are made of layers are trained like any other. */
import { layers, losses, ops, optimizers, type Scope, Session, tensor, type Value } from '../../lib';
import { hostNormal } from '../../lib/graph/philox';

const [n, steps, features, units] = [16, 12, 4, 8];

/** Which half of the sequence was larger, from the last state of a cell made of layers. */
const model = (truncate?: number) => {
  const mix = layers.dense(units);
  const out = layers.dense(2);
  const drop = layers.dropout(0.1);
  return (x: Value, scope: Scope): Value => {
    const zeros = ops.broadcastTo(ops.constant(0), [x.shape[0] as number, units]);
    const { state } = ops.scan(
      (h: Value, part: Value) => ({
        state: ops.tanh(drop(mix(ops.concat([part, h], { axis: 1 }), scope), scope)),
        output: {},
      }),
      zeros,
      x,
      { truncate, checkpoint: truncate && 5 },
    );
    return out(state, scope);
  };
};

test.each([undefined, 4])('a recurrent model learns (truncate: %p)', async (truncate) => {
  const numbers = hostNormal([3, 4], n * steps * features);
  const labels = Int32Array.from({ length: n }, (_, i) => {
    const row = numbers.slice(i * steps * features, (i + 1) * steps * features);
    const late = row.slice((steps - 3) * features);
    return Number(late.reduce((a, b) => a + b, 0) > 0);
  });
  const session = new Session(model(truncate) as never, {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam({ rate: 0.02 }),
    seed: 5,
  });
  const input = tensor(numbers, [n, steps, features]);
  const first = await session.step(input, tensor(labels));
  let last = first;
  for (let i = 0; i < 150; i++) last = await session.step(input, tensor(labels));
  expect(session.declarations().filter(({ role }) => role === 'parameter')).toHaveLength(4);
  expect(last.loss).toBeLessThan((first.loss as number) / 4);
  session.dispose();
});
