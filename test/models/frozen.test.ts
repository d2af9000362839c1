/** L-26 and O-12: frozen parameters keep their bits, multipliers scale the steps of a group, natively. */
import { layers, losses, optimizers, Session, tensor } from '../../lib';
import { hostNormal } from '../../lib/graph/philox';

const { dense, relu, sequential } = layers;
const { adam, groups, sgd } = optimizers;

const input = tensor(hostNormal([1, 1], 16 * 4), [16, 4]);
const target = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 3));
const someBias = tensor([0.125, -0.3, 0.7, 0.1, 0, 1, -1, 2]);

/** A network after `steps` steps; its first bias starts as `someBias`. */
async function trained(optimizer: optimizers.Transform, steps: number) {
  const session = new Session(sequential(dense(8), relu(), dense(3)), { loss: losses.crossEntropy(), optimizer });
  await session.run(input);
  session.write('dense.bias', someBias);
  const before = [...session.read('dense.weight').data];
  for (let i = 0; i < steps; i++) await session.step(input, target);
  const of = (path: string) => [...session.read(path).data];
  const after = { bias: of('dense.bias'), weight: of('dense.weight'), head: of('dense2.bias') };
  const states = session.declarations().map(({ path }) => path);
  session.dispose();
  return { before, ...after, states };
}

test.each([
  ['descent', sgd({ rate: 0.1, momentum: 0.9, weightDecay: 0.1 })],
  ['Adam', adam({ rate: 0.01, weightDecay: 0.1 })],
])('%s: 50 steps leave a frozen bias as it was, bit for bit, while the weight moves', async (_, optimizer) => {
  const { before, bias, weight, head } = await trained(groups(optimizer, { match: 'dense.bias', freeze: true }), 50);
  expect(bias).toEqual([...someBias.data]);
  expect(weight.every((w, i) => w !== before[i])).toBe(true);
  expect(head.every((b) => b !== 0)).toBe(true);
});

test('a rate multiplier of 0 leaves the bits too', async () => {
  const { bias, weight, before } = await trained(
    groups(adam({ rate: 0.1 }), { match: 'dense.bias', rateMultiplier: 0 }),
    50,
  );
  expect(bias).toEqual([...someBias.data]);
  expect(weight).not.toEqual(before);
});

test('a multiplier of 2 doubles the step of the bias and of nothing else', async () => {
  const plain = await trained(sgd({ rate: 0.1 }), 1);
  const doubled = await trained(groups(sgd({ rate: 0.1 }), { match: 'dense2.bias', rateMultiplier: 2 }), 1);
  expect(plain.head.some((b) => b !== 0)).toBe(true);
  expect(doubled.head).toEqual(plain.head.map((b) => 2 * b)); // they start at 0, so that doubling is exact
  expect(doubled.weight).toEqual(plain.weight);
  expect(doubled.bias).toEqual(plain.bias);
});

test('frozen parameters cost no states', async () => {
  const { states } = await trained(groups(adam({ rate: 0.1 }), { match: 'dense', freeze: true }), 1);
  const moments = states.filter((path) => path.startsWith('optimizer.'));
  expect(moments.some((path) => path.endsWith('dense2.weight'))).toBe(true);
  expect(moments.filter((path) => /\bdense\./.test(path))).toEqual([]);
});
