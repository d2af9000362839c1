/** A model of bytes is one file that needs no code, and gives the same bits whatever the instruction set and threads. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compress, info, layers, loadInferenceModel, setThreads, type Tensor } from '../../lib';
import { EXACT, expectClose } from '../closeness';
import { normal, openRandom } from '../inference/open';
import { temporaryFolder } from '../io/refusal';

const { batchNorm, conv2d, dense, depthwiseConv2d, globalAveragePool, maxPool, relu, residual, sequential } = layers;

const folder = temporaryFolder();
const [path, input] = [join(folder, 'net.convolt'), join(folder, 'input.json')];
const image = normal(1, [2, 18, 18, 3]);

const net = sequential(
  conv2d(16, 5, { padding: 'same', bias: false }),
  batchNorm(),
  relu(),
  maxPool(2),
  residual(sequential(conv2d(16, 3, { padding: 1 }), relu(), conv2d(16, 3, { padding: 1 }))),
  relu(),
  depthwiseConv2d(3, { padding: 1 }),
  conv2d(24, 1),
  relu(),
  globalAveragePool(),
  dense(10),
);

/** Instruction sets that this machine has. */
const isas = ['generic', ...(info().isa === 'avx512' ? ['avx2'] : []), info().isa];

test.each([7, 8] as const)('weights of %i bits', async (bits) => {
  const session = await openRandom(net, image);
  const { model } = await compress.quantize(session, image, { bits });
  const expected = (await model.predict(image)) as Tensor;
  const { threads } = info();
  setThreads(1);
  expectClose((await model.predict(image)) as Tensor, expected, EXACT);
  setThreads(threads);
  await model.save(path);
  const loaded = await loadInferenceModel(path);
  expectClose((await loaded.predict(image)) as Tensor, expected, EXACT);
  writeFileSync(input, JSON.stringify({ shape: image.shape, data: [...image.data] }));
  for (const isa of new Set(isas)) {
    const script = join(__dirname, '..', 'inference', 'predict-file.ts');
    const command = ['-r', join(__dirname, '..', 'run-typescript.cjs'), script, path, input];
    const env = { ...process.env, CONVOLT_ISA: isa };
    expectClose(JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8', env })), expected, EXACT);
  }
  model.dispose();
  loaded.dispose();
  session.dispose();
});
