/**
 * A network on handwritten digits, made 4 times smaller: quantized after training by each of the methods, and after
 * some more epochs that simulate bytes.
 *
 *     node dist/examples/compress.js --data mnist --model lenet --epochs 3
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compress, data, evaluate, fit, losses, metrics, optimizers, Session } from '../lib';
import { loadData } from '../lib/cli/choices';
import { makeModel } from '../lib/cli/network';
import { showCompression } from '../lib/cli/report';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: 'digits' },
    model: { type: 'string', default: 'cnn' },
    epochs: { type: 'string', default: '15' },
    examples: { type: 'string' },
    out: { type: 'string', default: join('runs', 'compress') },
  },
});

const percent = (share: number | undefined): string => `${(100 * (share ?? 0)).toFixed(2)} %`;

async function main(): Promise<void> {
  const splits = await loadData(options.data, 1);
  const train = options.examples ? data.take(splits.train, Number(options.examples)) : splits.train;
  const { test } = splits;
  const net = makeModel({ model: options.model }, splits.classes, train.input);
  const common = { loss: losses.crossEntropy(), metrics: { accuracy: metrics.accuracy() }, seed: 1 };
  await mkdir(options.out, { recursive: true });
  const checkpoint = join(options.out, 'model.safetensors');

  const session = new Session(net, { ...common, optimizer: optimizers.adam({ rate: 0.003 }) });
  await fit(session, train, { epochs: Number(options.epochs), batchSize: 64 });
  await session.save(checkpoint);
  console.log(`float32: test accuracy ${percent((await evaluate(session, test)).accuracy)}`);

  // Real inputs show which numbers occur between layers; bytes shall span them.
  const calibration = data.take(train, Math.min(256, train.size)).input;
  for (const method of compress.calibrationMethods) {
    const { model, report } = await compress.quantize(session, calibration, { method, validation: test });
    console.log(`int8 by ${method}: ${percent(report.accuracy?.after)}`);
    model.dispose();
  }
  session.dispose();

  // Where that costs too much, weights can learn to be whole numbers.
  const aware = new Session(compress.quantizationAware(net), { ...common, optimizer: optimizers.adam({ rate: 1e-4 }) });
  await aware.load(checkpoint);
  await fit(aware, train, { epochs: 2, batchSize: 64 });
  const { model, report } = await compress.quantize(aware, calibration, { validation: test });
  console.log(`\nint8 after training for it\n${showCompression(report)}`);
  const file = join(options.out, 'model.int8.convolt');
  await model.save(file);
  console.log(`saved ${file}`);
  aware.dispose();
  model.dispose();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
