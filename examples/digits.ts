/** `npm start`: trains a small convolutional network on the bundled digits, shows what it learnt and saves it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cnn,
  data,
  type EpochReport,
  evaluate,
  fit,
  info,
  io,
  losses,
  metrics,
  optimizers,
  predict,
  Session,
} from '../lib';
import { argmaxRows } from '../lib/cli/evaluate';
import { drawImage, showConfusion, sideBySide, TrainingReport } from '../lib/cli/report';

const folder = join('runs', 'digits');

/** Lets `convolt evaluate` and `convolt predict` build the model again. */
const header = { model: 'cnn', data: 'digits', classes: '10', inputShape: '8,8,1', inputType: 'float32' };

async function main(): Promise<void> {
  const { isa, threads } = info();
  const { train, validation, test } = data.digitsSplit();
  console.log(
    `Convolt on ${threads} thread(s), ${isa}: ${train.size} digits of 8x8 pixels to learn, ${test.size} to be tested on.\n`,
  );
  const session = new Session(cnn(), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.003 }),
    seed: 1,
  });
  const report = new TrainingReport(false);
  const reports: EpochReport[] = [];
  const onEpoch = (epoch: EpochReport) => {
    reports.push(epoch);
    report.onEpoch(epoch);
  };
  await fit(session, train, {
    epochs: 25,
    batchSize: 32,
    validation,
    earlyStopping: { patience: 8, monitor: 'accuracy' },
    onProgress: report.onProgress,
    onEpoch,
  });

  const { accuracy } = await evaluate(session, test);
  const predicted = argmaxRows(await predict(session, test.input));
  console.log(`\ntest accuracy ${(100 * (accuracy as number)).toFixed(2)} %\n`);
  console.log(showConfusion(metrics.confusionMatrix([...test.target.data], predicted, 10)));
  const shown = [0, 1, 2, 3, 4].map((row) => {
    const pixels = test.input.data.subarray(row * 64, (row + 1) * 64);
    const picture = drawImage({ dtype: 'float32', shape: [8, 8, 1], data: pixels });
    return `${picture}\npredicted ${predicted[row]}`;
  });
  console.log(`\n${sideBySide(shown)}\n`);

  await mkdir(folder, { recursive: true });
  await session.save(join(folder, 'model.safetensors'), header);
  await writeFile(join(folder, 'curves.svg'), io.learningCurves(reports));
  console.log(`saved ${join(folder, 'model.safetensors')} and ${join(folder, 'curves.svg')}`);
  session.dispose();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
