#!/usr/bin/env node
/** The `convolt` command. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { calibrationMethods } from '../compress';
import { ConvoltError } from '../graph/errors';
import { info, setThreads } from '../runtime/addon';
import { augmentationNames, makeAugmentation } from './augmentations';
import { dataNames, modelNames, optimizerNames, scheduleNames } from './choices';
import { compress } from './compress';
import { evaluate } from './evaluate';
import { exportModel } from './export';
import { predict } from './predict';
import { train } from './train';

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`);
  };

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

const program = new Command('convolt')
  .description('Deep learning on the CPU: train, evaluate and use networks.')
  .configureHelp({ showGlobalOptions: true })
  .option('--threads <count>', 'compute threads (default: the processors this process may use)', whole(1))
  .hook('preAction', (command) => {
    const { threads } = command.opts<{ threads?: number }>();
    if (threads) setThreads(threads);
  });

const json = () => new Option('--json', 'print JSON lines for programs').default(false);

program
  .command('train')
  .description('train a network on a dataset and save it')
  .option('--data <name>', `dataset: ${dataNames.join(', ')}`, 'digits')
  .option('--augment <names>', `change training images at random: ${augmentationNames.join(',')}`, makeAugmentation)
  .addOption(new Option('--model <name>', 'network').choices(modelNames).default('cnn'))
  .option('--epochs <count>', 'passes over the data', whole(1), 10)
  .option('--batch <size>', 'examples per step', whole(1), 64)
  .addOption(new Option('--optimizer <name>', 'optimizer').choices(optimizerNames).default('adam'))
  .option('--rate <number>', 'learning rate', positive, 0.001)
  .addOption(new Option('--schedule <name>', 'how the rate falls').choices(scheduleNames).default('cosine'))
  .option('--patience <epochs>', 'stop early after so many epochs without a better validation accuracy', whole(1))
  .option('--seed <number>', 'fixes every random draw', whole(0), 0)
  .option('--resume <file>', 'go on from a checkpoint')
  .option('--out <folder>', 'where model, history and curves go', 'runs/latest')
  .addOption(json())
  .action(train);

program
  .command('evaluate')
  .description('measure a saved model on test data')
  .argument('[model]', 'checkpoint', 'runs/latest/model.safetensors')
  .option('--data <name>', `dataset: ${dataNames.join(', ')} (default: the one it was trained on)`)
  .addOption(json())
  .action(evaluate);

program
  .command('predict')
  .description('the class of images (PNG, or any format with sharp installed) or arrays (JSON text, .json, .npy)')
  .argument('<source...>', 'image files, array files, or JSON arrays')
  .option('--model <file>', 'checkpoint or exported file', 'runs/latest/model.safetensors')
  .option('--invert', 'the image is dark on light', false)
  .addOption(json())
  .action(predict);

program
  .command('export')
  .description('a saved model as one file for predictions, which starts fast and needs no code')
  .argument('[model]', 'checkpoint', 'runs/latest/model.safetensors')
  .option('--out <file>', 'where it goes', 'model.convolt')
  .addOption(json())
  .action(exportModel);

program
  .command('compress')
  .description('a saved model as a smaller and faster file for predictions, with a report of what that costs')
  .argument('[model]', 'checkpoint or exported file', 'runs/latest/model.safetensors')
  .option('--int8', 'bytes and whole numbers in the place of floats')
  .option('--binary', 'bits, where a network was trained with weights of +-1')
  .option('--data <name>', `dataset: ${dataNames.join(', ')} (default: the one it was trained on)`)
  .option('--examples <count>', 'training examples that ranges are taken from', whole(1), 256)
  .addOption(new Option('--method <name>', 'how ranges are chosen').choices(calibrationMethods).default('percentile'))
  .addOption(new Option('--bits <count>', 'bits of a weight').choices(['7', '8']).default('7'))
  .option('--keep <paths>', 'comma-separated layers that stay in float32', (text) => text.split(','), [])
  .option('--out <file>', 'where it goes (default: model.int8.convolt or model.binary.convolt)')
  .addOption(json())
  .action(compress);

program
  .command('info')
  .description('processor features, instruction set in use, threads, versions')
  .addOption(json())
  .action((options: { json: boolean }) => {
    const facts = { ...info(), node: process.version, platform: `${process.platform}-${process.arch}` };
    if (options.json) console.log(JSON.stringify(facts));
    else for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(16)} ${value}`);
  });

program.parseAsync().catch((error: Error) => {
  if (error instanceof ConvoltError) console.error(`convolt: ${error.message}`);
  else console.error(error);
  process.exitCode = 1;
});
