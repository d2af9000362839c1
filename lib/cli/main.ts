#!/usr/bin/env node
/** The `convolt` command. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { calibrationMethods } from '../compress';
import { ConvoltError } from '../graph/errors';
import { suggestion } from '../graph/nearest-name';
import { info, setThreads } from '../runtime/addon';
import { augmentationNames, makeAugmentation } from './augmentations';
import { dataNames } from './choices';
import { compress } from './compress';
import { evaluate } from './evaluate';
import { exportModel } from './export';

import { spelled } from './named';
import { modelNames } from './network';
import { initializerTable, optimizerTable, scheduleTable } from './offered';
import { activationTable, normTable } from './offered-layers';
import { lossTable } from './offered-losses';
import { predict } from './predict';
import { momentaOf, pointsOf } from './recipe';
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

function least0(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of 0 or more.');
}

/** An option whose value is one of `names`, which the help lists; for another one the nearest is named. */
function choice(flags: string, description: string, names: readonly string[]): Option {
  const check = (text: string): string => {
    if (names.includes(text)) return text;
    throw new InvalidArgumentError(`Expected one of ${names.join(', ')}${suggestion(text, names)}`);
  };
  return new Option(flags, `${description}: ${names.join(', ')}`).argParser(check);
}

/** A choice with options behind the name, as `leakyRelu:slope=0.1`. */
function spelledChoice(flags: string, description: string, table: Readonly<Record<string, unknown>>): Option {
  const names = Object.keys(table);
  const check = (text: string): string => {
    const { name } = spelled(flags.replace(/^--| .*/g, ''), text);
    if (names.includes(name)) return text;
    throw new InvalidArgumentError(`Expected one of ${names.join(', ')}${suggestion(name, names)}`);
  };
  return new Option(flags, `${description}: ${names.join(', ')}`).argParser(check);
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
  .addHelpText(
    'after',
    '\nNames may have options behind them: --activation leakyRelu:slope=0.1 --optimizer adam:beta1=0.8,beta2=0.99',
  )
  .option('--data <name>', `dataset: ${dataNames.join(', ')}`, 'digits')
  .option('--augment <names>', `change training images at random: ${augmentationNames.join(',')}`, makeAugmentation)
  .addOption(choice('--model <name>', 'network', modelNames).default('cnn'))
  .addOption(spelledChoice('--loss <name>', 'loss', lossTable).default('crossEntropy'))
  .option('--features <count>', 'width of the features that losses besides logits read (default: 64)', whole(1))
  .addOption(spelledChoice('--activation <name>', 'in the place of every ReLU', activationTable))
  .addOption(spelledChoice('--norm <name>', 'in the place of batch normalisation', normTable))
  .addOption(spelledChoice('--init <name>', 'first numbers of weights', initializerTable))
  .option('--dropout <share>', 'share of activations dropped', least0)
  .option('--noise <std>', 'standard deviation of noise on what the network gives while it trains', least0)
  .option('--epochs <count>', 'passes over the data', whole(1), 10)
  .option('--batch <size>', 'examples per step', whole(1), 64)
  .addOption(spelledChoice('--optimizer <name>', 'optimizer', optimizerTable).default('adam'))
  .option('--rate <number>', 'learning rate', positive, 0.001)
  .addOption(spelledChoice('--schedule <name>', 'how the rate falls', scheduleTable).default('cosine'))
  .option('--points <list>', 'epochs and rates of the schedule changePoints, as 5:0.01,8:0.001', pointsOf)
  .option('--momentum <number>', 'momentum of sgd, e.g. 0.9, or a line such as 0.5..0.9', momentaOf)
  .option('--nesterov', 'momentum looks ahead')
  .addOption(choice('--epsilon-mode <name>', 'place of epsilon in adaptive optimizers', ['inside', 'outside']))
  .option('--weight-decay <lambda>', "decay in the optimizer, adamw's is decoupled", least0)
  .option('--clip-norm <limit>', 'limit of the norm of all gradients together', positive)
  .option('--clip-value <limit>', 'limit of every element of the gradients', positive)
  .option('--l1 <lambda>', 'penalty on the sum of |w| of all weights', least0)
  .option('--l2 <lambda>', 'penalty on half the sum of w^2 of all weights', least0)
  .option('--max-norm <c>', 'limit of the norm of the weights into every unit', positive)
  .option('--soft-threshold <lambda>', 'the penalty of --l1 by its proximal step, which gives exact zeros', least0)
  .option('--activity <lambda>', 'penalty on the sum of |a| of all activations of an example', least0)
  .addOption(choice('--update <name>', 'when parameters change', ['deferred', 'fused']))
  .option('--target <accuracy>', 'validation accuracy that would do: advice at the end measures by it', positive)
  .option('--stop-on-rise', 'stop when the loss rises sharply in the first batches')
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
