/** Whole training steps (forward, loss, backward, update) of named cases, as the peer scripts define them. */
import {
  type InputData,
  layers,
  lenet,
  losses,
  type Model,
  mlp,
  mobilenetV2,
  ops,
  optimizers,
  resnet18,
  resnet20,
  Session,
  tensor,
  type Value,
  vgg11,
} from '../lib';
import { hostNormal, hostUniform } from '../lib/graph/philox';
import { makeResident, residentSource } from '../lib/models/batch-source';
import type { Criterion } from '../lib/models/model';
import type { Transform } from '../lib/optimizers';
import { measure, peakMemory, print, summarize } from './timing';

interface StepCase {
  readonly model: () => Model;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly optimizer: () => Transform;
  /** Steps per native call; 1 when every step is awaited. */
  readonly stepsPerCall?: number;
  /** The input is tokens below `classes`, and so is the target, one for each. */
  readonly tokens?: boolean;
  /** Default the cross-entropy of the target. */
  readonly loss?: Criterion;
}

const adam = () => optimizers.adam({ rate: 1e-3 });
const sgd = () => optimizers.sgd({ rate: 0.05, momentum: 0.9, weightDecay: 5e-4 });
const tiny = () => layers.sequential(layers.dense(32), layers.relu(), layers.dense(4));
const cifar = { form: 'cifar', classes: 10 } as const;

/** Batches of images as CIFAR-10 has them. */
const images = (model: () => Model, batch: number): StepCase => ({
  model,
  inputShape: [batch, 32, 32, 3],
  classes: 10,
  optimizer: sgd,
});

/** Characters to the scores of the next ones. */
export const languageModel = (vocabulary = 96, features = 128, units = 256): Model => {
  const { sequential, embedding, lstm, dense } = layers;
  return sequential(embedding(vocabulary, features), lstm({ units, layers: 2 }), dense(vocabulary));
};

/** A recurrent layer of 512 units over sequences [16, 128, 256]; the mean square of its outputs is made small. */
const recurrent = (layer: () => Model): StepCase => ({
  model: layer,
  inputShape: [16, 128, 256],
  classes: 1,
  optimizer: sgd,
  loss: (prediction) => ops.square(prediction as Value),
});

export const stepCases: Readonly<Record<string, StepCase>> = {
  'mlp-b128-adam': { model: () => mlp(), inputShape: [128, 784], classes: 10, optimizer: adam },
  'mlp-tiny-b8-sgd': { model: tiny, inputShape: [8, 16], classes: 4, optimizer: sgd },
  'mlp-tiny-b8-sgd-multi': { model: tiny, inputShape: [8, 16], classes: 4, optimizer: sgd, stepsPerCall: 1000 },
  'lenet-b64': { model: () => lenet(), inputShape: [64, 28, 28, 1], classes: 10, optimizer: sgd },
  'resnet20-b128': images(() => resnet20(), 128),
  'resnet18-cifar-b64': images(() => resnet18(cifar), 64),
  'vgg11bn-cifar-b64': images(() => vgg11({ ...cifar, batchNorm: true }), 64),
  'mobilenetv2-cifar-b64': images(() => mobilenetV2(cifar), 64),
  'lstm-lm-b32-t64': { model: () => languageModel(), inputShape: [32, 64], classes: 96, optimizer: adam, tokens: true },
  'lstm512-b16-t128': recurrent(() => layers.lstm({ units: 512 })),
  'gru512-b16-t128': recurrent(() => layers.gru({ units: 512 })),
};

function batchOf({ inputShape, classes, tokens }: StepCase): { input: InputData; target: InputData } {
  const size = inputShape.reduce((a, b) => a * b, 1);
  const labels = (seed: number, count: number) =>
    Int32Array.from(hostUniform([seed, 7], count), (value) => Math.floor(value * classes));
  if (tokens) return { input: tensor(labels(1, size), inputShape), target: tensor(labels(7, size), inputShape) };
  return { input: tensor(hostNormal([1, 2], size), inputShape), target: tensor(labels(7, inputShape[0] as number)) };
}

async function milliseconds(step: StepCase): Promise<number[]> {
  const { stepsPerCall = 1, inputShape } = step;
  const session = new Session(step.model(), {
    loss: step.loss ?? losses.crossEntropy(),
    optimizer: step.optimizer(),
  });
  const { input, target } = batchOf(step);
  if (stepsPerCall === 1) {
    const times = await measure(async () => {
      await session.step(input, target);
      return undefined;
    });
    session.dispose();
    return times;
  }
  const batch = inputShape[0] as number;
  makeResident(session.executor, 'bench', input, target);
  const program = await session.trainingProgram(residentSource('bench', input, target, batch));
  const index = Int32Array.from({ length: batch * stepsPerCall }, (_, i) => i % batch);
  const times = await measure(async () => {
    await program.run({ index }, stepsPerCall);
    return undefined;
  });
  session.dispose();
  return times.map((time) => time / stepsPerCall);
}

/** Runs the named cases and prints one line each. */
export async function benchSteps(names: readonly string[], threads: number, json: boolean): Promise<void> {
  for (const name of names) {
    const step = stepCases[name];
    if (!step) throw new Error(`bench step: expected one of ${Object.keys(stepCases).join(', ')} but got '${name}'`);
    const times = await milliseconds(step);
    print(summarize(name, threads, times), json, peakMemory());
  }
}
