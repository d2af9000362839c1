/** A tiny training: what the memory tests repeat. */
import { layers, losses, optimizers, Session, tensor } from '../../lib';

export const input = tensor(
  Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  [8, 16],
);
export const target = tensor(Int32Array.from({ length: 8 }, (_, i) => i % 4));

export const openTiny = (): Session =>
  new Session(layers.sequential(layers.dense(32), layers.relu(), layers.dense(4)), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ rate: 0.05, momentum: 0.9 }),
  });
