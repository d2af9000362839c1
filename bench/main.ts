/** Runs one benchmark, e.g. `npm run bench -- step`; all of them stand in docs/benchmarks.md. */
import { Command, Option } from 'commander';
import { info, setThreads } from '../lib';
import { type CompareInferenceOptions, type CompareOptions, compare, compareInference } from './compare';
import { benchElementwise, passCases } from './elementwise';
import { benchInference, inferenceModels, type Precision, precisions } from './infer';
import { benchInt8 } from './int8';
import { benchConv, benchGemm } from './kernels';
import { compareLearning, type LearningOptions } from './learning';
import { benchOptimizers, optimizerCases } from './optimizers';
import { benchRecurrent, type Pass } from './recurrent';
import { benchScan } from './scan';
import { benchSteps, stepCases } from './step';
import { benchStream } from './stream';
import { benchXnor } from './xnor';

const list = (text: string): string[] => text.split(',');
const numbers = (text: string): number[] => text.split(',').map(Number);

interface Common {
  threads: number;
  json: boolean;
}

interface InferenceChoice {
  model: string[];
  batch: number[];
  precision: Precision;
}

const precision = () =>
  new Option('--precision <numbers>', 'what networks compute with').choices(precisions).default('float32');

const program = new Command('bench');

const command = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--threads <count>', 'compute threads', Number, info().hardwareThreads)
    .option('--json', 'print JSON lines', false)
    .hook('preAction', (_, actual) => setThreads(actual.opts<Common>().threads));

command('step', 'training steps of named cases')
  .option('--cases <names>', 'comma-separated', list, Object.keys(stepCases))
  .action(({ cases, threads, json }: Common & { cases: string[] }) => benchSteps(cases, threads, json));

command('infer', 'predictions of networks for images of 224 pixels')
  .option('--model <names>', 'comma-separated', list, Object.keys(inferenceModels))
  .option('--batch <sizes>', 'comma-separated', numbers, [1])
  .addOption(precision())
  .action(({ model, batch, precision, threads, json }: Common & InferenceChoice) =>
    benchInference(model, batch, precision, threads, json),
  );

command('stream', 'one token of a language model after the other').action(({ threads, json }: Common) =>
  benchStream(threads, json),
);

command('elementwise', 'functions of a million numbers, forward and backward, beside a copy of as many bytes')
  .option('--cases <names>', 'comma-separated', list, Object.keys(passCases))
  .action(({ cases, threads, json }: Common & { cases: string[] }) => benchElementwise(cases, threads, json));

command('conv', 'one convolution')
  .requiredOption('--shape <numbers>', 'N,H,W,C,K,R,S,stride,pad,groups', numbers)
  .addOption(new Option('--pass <pass>').choices(['fwd', 'fwdbwd']).default('fwd'))
  .action(({ shape, pass, threads, json }: Common & { shape: number[]; pass: 'fwd' | 'fwdbwd' }) =>
    benchConv(shape, pass, threads, json),
  );

command('int8', 'one quantized convolution beside the same layer in float32')
  .requiredOption('--shape <numbers>', 'N,H,W,C,K,R,S,stride,pad, and 1 for a filter per channel', numbers)
  .action(({ shape, threads, json }: Common & { shape: number[] }) => benchInt8(shape, threads, json));

command('xnor', 'one binary convolution, beside the same one of floats')
  .requiredOption('--shape <numbers>', 'N,H,W,C,K,R,S,stride,pad', numbers)
  .action(({ shape, threads, json }: Common & { shape: number[] }) => benchXnor(shape, threads, json));

command('gemm', 'one matrix product')
  .requiredOption('--shape <numbers>', 'M,N,K', numbers)
  .action(({ shape, threads, json }: Common & { shape: number[] }) => benchGemm(shape, threads, json));

command('optimizers', 'updates of ten million parameters')
  .option('--cases <names>', 'comma-separated', list, Object.keys(optimizerCases))
  .action(({ cases, threads, json }: Common & { cases: string[] }) => benchOptimizers(cases, threads, json));

command('scan', 'a long short-term memory that is written as the cell of a scan')
  .requiredOption('--shape <numbers>', 'N,T,F,H', numbers)
  .addOption(new Option('--pass <pass>').choices(['fwd', 'fwdbwd']).default('fwdbwd'))
  .action(({ shape, pass, threads, json }: Common & { shape: number[]; pass: 'fwd' | 'fwdbwd' }) =>
    benchScan(shape, pass, threads, json),
  );

for (const kind of ['lstm', 'gru'] as const) {
  command(kind, `layers of ${kind.toUpperCase()}: predictions, or training steps`)
    .requiredOption('--shape <numbers>', 'N,T,F,H', numbers)
    .option('--layers <count>', 'one on top of the other', Number, 1)
    .addOption(new Option('--pass <pass>').choices(['fwd', 'fwdbwd']).default('fwd'))
    .action(({ shape, layers, pass, threads, json }: Common & { shape: number[]; layers: number; pass: Pass }) =>
      benchRecurrent(kind, shape, layers, pass, threads, json),
    );
}

const rounds = ['--rounds <count>', 'alternations', Number, 3] as const;
const peer = 'beside ours; CONVOLT_PEER_PYTHON names its Python';

command('compare', `training steps: a peer's script ${peer}`)
  .requiredOption('--script <file>', 'takes THREADS [flags] CASE and prints JSON lines with median_ms')
  .option('--cases <names>', 'comma-separated', list, Object.keys(stepCases))
  .option('--variants <flags>', 'alternatives of the peer, separated by commas; the faster one counts', list, [
    '',
    '--nhwc',
  ])
  .option(...rounds)
  .action((options: CompareOptions) => compare(options));

command('compare-infer', `inference: a peer's script ${peer}`)
  .requiredOption('--script <file>', 'takes FOLDER THREADS MODEL and prints JSON lines of cases infer-MODEL-bBATCH')
  .requiredOption('--folder <folder>', "the peer's model files")
  .option('--model <names>', 'comma-separated', list, Object.keys(inferenceModels))
  .option('--batch <sizes>', 'comma-separated, of those that the script times', numbers, [1, 16])
  .addOption(precision())
  .option(...rounds)
  .action((options: CompareInferenceOptions) => compareInference(options));

command('compare-learning', `losses of a language model: a peer's script ${peer}`)
  .option('--script <file>', 'takes THREADS CONFIGURATION and prints losses', 'test/golden/language-model.py')
  .option('--steps <count>', 'training steps', Number, 300)
  .action((options: LearningOptions) => compareLearning(options));

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
