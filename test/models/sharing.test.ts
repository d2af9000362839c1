/** L-24: a layer used twice, inner values by name, several inputs and outputs: natively, through sessions. */
import { layers, losses, type Model, ops, optimizers, type Scope, Session, tensor, type Value } from '../../lib';
import { hostNormal } from '../../lib/graph/philox';
import { expectClose, F32G } from '../closeness';

const { dense, relu, sequential, tap, tanh } = layers;

const input = tensor(hostNormal([1, 1], 32 * 6), [32, 6]);
const target = tensor(hostNormal([2, 2], 32 * 6), [32, 6]);

/** Descent with rate 1 changes every parameter by minus its gradient. */
const open = (model: Model) =>
  new Session(model, { loss: losses.squaredError(), optimizer: optimizers.sgd({ rate: 1 }) });

/** Minus the gradients of `paths`, with the given weights. */
async function moves(model: Model, paths: readonly string[], weight: Float32Array): Promise<Float32Array[]> {
  const session = open(model);
  await session.run(input);
  for (const path of paths) session.write(path, tensor(weight, [6, 6]));
  await session.step(input, target);
  const moved = paths.map((path) => (session.read(path).data as Float32Array).map((w, i) => w - (weight[i] as number)));
  session.dispose();
  return moved;
}

test('the gradient of a shared layer is the sum over its uses', async () => {
  const block = () => dense(6, { bias: false });
  const shared = block();
  const weight = hostNormal([3, 3], 36).map((w) => w / 2);
  const [both] = await moves(sequential(shared, tanh(), shared, tanh(), shared), ['dense.weight'], weight);
  const apart = await moves(
    sequential(block(), tanh(), block(), tanh(), block()),
    ['dense.weight', 'dense2.weight', 'dense3.weight'],
    weight,
  );
  const summed = weight.map((_, i) => apart.reduce((total, move) => total + (move[i] as number), 0));
  expect(Math.max(...summed.map(Math.abs))).toBeGreaterThan(0.01);
  expectClose({ shape: [36], data: both as Float32Array }, { shape: [36], data: summed }, F32G);
});

test('a tap gives the bits that the trunk alone computes', async () => {
  const trunk = () => [dense(16), relu(), dense(8), tanh()] as const;
  const whole = open(sequential(...trunk(), tap('features'), dense(6)));
  const alone = open(sequential(...trunk()));
  const { features, output } = await whole.run(input, { fetch: ['features'] });
  expect(features?.shape).toEqual([32, 8]);
  expect(features).toEqual(await alone.run(input));
  expect(output).toEqual(await whole.run(input));
  whole.dispose();
  alone.dispose();
});

test('several inputs and several outputs, which losses and metrics see by name', async () => {
  const tower = dense(6);
  const model = ({ left, right }: { left: Value; right: Value }, scope: Scope) => {
    const [a, b] = [tower(left, scope), tower(right, scope)];
    return { joined: ops.add(a, b), left: a };
  };
  const squared = losses.squaredError();
  const loss = (made: Record<string, Value>, given: Value) => squared(made.joined as Value, given);
  const session = new Session(model, { loss, optimizer: optimizers.sgd({ rate: 0.05 }) });
  const both = { left: input, right: target };
  const { joined, left } = (await session.run(both)) as never as Record<string, typeof input>;
  expect([joined?.shape, left?.shape]).toEqual([
    [32, 6],
    [32, 6],
  ]);
  const first = await session.step(both, target);
  for (let i = 0; i < 20; i++) await session.step(both, target);
  expect((await session.measure(both, target)).loss).toBeLessThan(first.loss);
  session.dispose();
});
