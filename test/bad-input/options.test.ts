/** Options with unknown names or values, and sizes of zero or below: refused before anything runs. */
import {
  data,
  evaluate,
  fit,
  io,
  layers,
  losses,
  metrics,
  optimizers,
  predict,
  Session,
  schedules,
  setThreads,
  tensor,
} from '../../lib';
import { examples, expectRefusal, input, open, residents } from './small';

const unknown = { nonsense: 1 } as never;

const names: [string, () => unknown][] = [
  ['Session', () => new Session(layers.relu(), unknown)],
  ['fit', () => fit(open(), examples, unknown)],
  ['earlyStopping', () => fit(open(), examples, { earlyStopping: unknown })],
  ['evaluate', () => evaluate(open(), examples, unknown)],
  ['predict', () => predict(open(), input, unknown)],
  ['run', () => open().run(input, unknown)],
  ['dataset', () => data.dataset(input, examples.target, unknown)],
  ['randomSplit', () => data.randomSplit(data.dataset(input, examples.target), unknown)],
  ['dense', () => layers.dense(1, unknown)],
  ['conv2d', () => layers.conv2d(1, 1, unknown)],
  ['batchNorm', () => layers.batchNorm(unknown)],
  ['crossEntropy', () => losses.crossEntropy(unknown)],
  ['squaredError', () => losses.squaredError(unknown)],
  ['sgd', () => optimizers.sgd({ rate: 1, ...(unknown as object) })],
  ['adam', () => optimizers.adam(unknown)],
  ['exponential', () => schedules.exponential({ rate: 1, decay: 1, ...(unknown as object) })],
];

test.each(names)('%s names an option that it does not know', (where, work) =>
  expectRefusal(work, 'OPTION', where, "'nonsense'"),
);

const values: [string, () => unknown, string, string[]][] = [
  ['epochs 0', () => fit(open(), examples, { epochs: 0 }), 'VALUE', ['fit', 'epochs', '0']],
  ['epochs 1.5', () => fit(open(), examples, { epochs: 1.5 }), 'VALUE', ['fit', 'epochs', '1.5']],
  ['epochs -1', () => fit(open(), examples, { epochs: -1 }), 'VALUE', ['fit', 'epochs', '-1']],
  ['batch size 0', () => fit(open(), examples, { batchSize: 0 }), 'VALUE', ['fit', 'batch size', '0']],
  ['batch size NaN', () => fit(open(), examples, { batchSize: Number.NaN }), 'VALUE', ['fit', 'batch size', 'NaN']],
  ['evaluate of batches of 0', () => evaluate(open(), examples, { batchSize: 0 }), 'VALUE', ['evaluate', 'batch size']],
  ['evaluate of batches of -1', () => evaluate(open(), examples, { batchSize: -1 }), 'VALUE', ['evaluate', '-1']],
  ['predict of batches of 0', () => predict(open(), input, { batchSize: 0 }), 'VALUE', ['predict', 'batch size']],
  ['predict of batches of 2.5', () => predict(open(), input, { batchSize: 2.5 }), 'VALUE', ['predict', '2.5']],
  ['patience -1', () => fit(open(), examples, { earlyStopping: { patience: -1 } }), 'VALUE', ['earlyStopping', '-1']],
  ['minDelta NaN', () => fit(open(), examples, { earlyStopping: { minDelta: Number.NaN } }), 'VALUE', ['minDelta']],
  ['a mode', () => fit(open(), examples, { earlyStopping: { mode: 'best' as never } }), 'OPTION', ['mode', "'best'"]],
  [
    'a measure',
    () => fit(open(), examples, { earlyStopping: { monitor: 'f1' } }),
    'OPTION',
    ['loss, accuracy', "'f1'"],
  ],
  ['onNotFinite', () => open({ onNotFinite: 'ignore' as never }), 'OPTION', ['onNotFinite', "'ignore'"]],
  ['seed', () => open({ seed: 0.5 }), 'VALUE', ['seed', '0.5']],
  ['a model', () => new Session('cnn' as never), 'OPTION', ['Session', 'the model', 'string']],
  ['no model', () => new Session(undefined as never), 'OPTION', ['Session', 'the model', 'undefined']],
  ['an optimizer', () => open({ optimizer: 'sgd' as never }), 'OPTION', ['Session', 'the optimizer', 'string']],
  ['a loss', () => open({ loss: 1 as never }), 'OPTION', ['Session', 'the loss', 'number']],
  ['a rate', () => optimizers.sgd({ rate: -1 }), 'VALUE', ['-1']],
  ['a momentum', () => optimizers.sgd({ rate: 1, momentum: 1 }), 'VALUE', ['mu']],
  ['units', () => layers.dense(-2), 'VALUE', ['dense', '-2']],
  ['a window', () => new Session(layers.maxPool(0)).run(tensor([1], [1, 1, 1, 1])), 'VALUE', ['maxPool', '0']],
  ['a share', () => layers.dropout(-0.1), 'VALUE', ['dropout', '-0.1']],
  ['k', () => metrics.topKAccuracy(0), 'VALUE', ['topKAccuracy', '0']],
  ['examples', () => data.take(data.digits(), 0), 'VALUE', ['take', '0']],
  ['an image', () => io.resize(tensor(new Uint8Array(4), [2, 2, 1]), 0, 3), 'VALUE', ['0']],
];

test.each(values)('%s', (_, work, code, parts) => expectRefusal(work, code, ...parts));

test.each([0, -1, 1.5, 1025, Number.NaN, '2', undefined])('setThreads(%p)', (wrong) =>
  expectRefusal(() => setThreads(wrong as number), 'VALUE', 'setThreads', 'the number of threads', String(wrong)),
);

test('a refused fit leaves no dataset behind', async () => {
  const session = open();
  await expectRefusal(() => fit(session, examples, { earlyStopping: { monitor: 'f1' } }), 'OPTION');
  expect(residents(session)).toEqual([]);
  session.dispose();
});
