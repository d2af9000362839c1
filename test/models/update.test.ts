/** T-01: updates layer by layer while gradients are made, and after the whole backward pass. */
import { createHash } from 'node:crypto';
import { layers, losses, metrics, ops, optimizers, resnet18, Session, type SessionOptions, tensor } from '../../lib';
import { refusal } from '../io/refusal';

const { dense, gru, relu, sequential } = layers;

const wave = (shape: readonly number[], pace: number) =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(pace * i)),
    shape,
  );
const labels = tensor(
  Int32Array.from({ length: 8 }, (_, i) => i % 10),
  [8],
);

/** The bytes of every state, in a form that is compared quickly. */
const statesOf = (session: Session): Record<string, string> =>
  Object.fromEntries(
    session.declarations().map(({ path }) => {
      const { buffer, byteOffset, byteLength } = session.read(path).data;
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return [path, createHash('sha256').update(bytes).digest('hex')];
    }),
  );

/** States after three steps, and the bytes of temporary values. */
async function trained(model: layers.Block, shape: readonly number[], options: SessionOptions) {
  const loss = losses.crossEntropy();
  const session = new Session(model, { loss, metrics: { accuracy: metrics.accuracy() }, seed: 4, ...options });
  for (let step = 0; step < 3; step++) await session.step(wave(shape, 1.7 + step), labels);
  const states = statesOf(session);
  const [program] = [...session.executor.compiled].filter(([key]) => key.startsWith('train'));
  const { arenaBytes } = program?.[1].plan ?? { arenaBytes: 0 };
  session.dispose();
  return { states, arenaBytes };
}

const mlp = () => sequential(dense(512), relu(), dense(512), relu(), dense(512), relu(), dense(10));
const recurrent = () => sequential(gru({ units: 16 }), (x) => ops.mean(x, { axes: 1 }), dense(10));
const clipped = () => optimizers.chain(optimizers.clipByGlobalNorm(0.1), optimizers.adam());
const small = () => resnet18({ form: 'cifar', filters: 16, classes: 10 });

test.each<[string, () => layers.Block, readonly number[], () => optimizers.Transform, number]>([
  ['layers of 512 units, momentum', mlp, [8, 256], () => optimizers.sgd({ rate: 0.1, momentum: 0.9 }), 0.5],
  ['layers of 512 units, Adam', mlp, [8, 256], () => optimizers.adam(), 0.5],
  ['a residual network', small, [8, 16, 16, 3], () => optimizers.adam(), 0.8],
  ['a recurrent layer', recurrent, [8, 6, 5], () => optimizers.adam(), 1],
  ['a norm of all gradients', mlp, [8, 256], clipped, 1.01],
])('T-01 the same weights, and memory of few gradients: %s', async (_, model, shape, optimizer, share) => {
  const [deferred, fused] = await Promise.all(
    (['deferred', 'fused'] as const).map((update) => trained(model(), shape, { optimizer: optimizer(), update })),
  );
  expect(fused?.states).toEqual(deferred?.states);
  expect(fused?.arenaBytes).toBeLessThanOrEqual(share * (deferred?.arenaBytes ?? 0));
});

test('a loss that is not finite leaves every state as it was', async () => {
  const session = new Session(mlp(), { loss: losses.crossEntropy(), optimizer: optimizers.adam(), update: 'fused' });
  await session.step(wave([8, 256], 1), labels);
  const before = statesOf(session);
  const input = wave([8, 256], 1);
  input.data[3] = Number.NaN;
  await expect(session.step(input, labels)).rejects.toThrow(refusal('NOT_FINITE', 'first seen in'));
  expect(statesOf(session)).toEqual(before);
  session.dispose();
});

test('another word is refused', () => {
  expect(() => new Session(mlp(), { update: 'fuse' } as never)).toThrow(refusal('OPTION', "did you mean 'fused'?"));
});
