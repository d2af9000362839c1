/** Numbers that do not fit: shapes, types, labels, NaN, empty sets. Each is one clear error, and no state changes. */
import {
  type ConvoltError,
  data,
  evaluate,
  fit,
  layers,
  losses,
  ops,
  optimizers,
  predict,
  Session,
  tensor,
  type Value,
} from '../../lib';
import { count, examples, expectRefusal, input, open, opened, residents, states, target } from './small';

/** `work` is refused, and the session is what it was and goes on. */
async function expectHarmless(work: (session: Session) => unknown, code: string, ...parts: string[]): Promise<void> {
  const session = await opened();
  const before = states(session);
  await expectRefusal(() => work(session), code, ...parts);
  expect(states(session)).toEqual(before);
  expect(residents(session)).toEqual([]);
  expect((await session.step(input, target)).loss).toBeGreaterThan(0);
  session.dispose();
}

const floats = (...shape: number[]) => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
const labels = (length: number, at = 0, label = 0) =>
  tensor(Int32Array.from({ length }, (_, i) => (i === at ? label : 0)));

describe('wrong shapes', () => {
  test('inputs of another width name the parameter and both shapes', () =>
    expectHarmless((session) => session.step(floats(4, 5), labels(4)), 'STATE', 'dense.weight', '[6, 8]', '[5, 8]'));

  test('inputs of too few axes name the layer', () =>
    expectHarmless((session) => session.run(floats(6)), 'SHAPE', 'dense', 'float32[6]'));

  test('targets of another number', () =>
    expectHarmless((session) => session.step(input, labels(5)), 'SHAPE', 'crossEntropy', 'int32[5]', 'at loss'));

  test('a tensor whose numbers do not fill its shape', () =>
    expectHarmless(
      (session) => session.step({ ...input, shape: [30, 6] }, labels(30)),
      'SHAPE',
      'feed input',
      '180',
      '216',
    ));

  test('zero examples cannot be averaged', () =>
    expectHarmless((session) => session.step(floats(0, 6), labels(0)), 'SHAPE', 'mean', '[0]'));

  test('a state is overwritten by its own shape only', () =>
    expectHarmless((session) => session.write('dense.bias', floats(9)), 'STATE', 'dense.bias', '[8]', '[9]'));

  test.each([
    ['negative', [-1, -2]],
    ['broken', [1.5, 2]],
    ['too large', [3]],
  ])('tensors of %s sizes', (_, shape) => expectRefusal(() => tensor([1, 2], shape), 'SHAPE', 'tensor'));
});

describe('wrong types', () => {
  test('whole numbers where floats belong', () =>
    expectHarmless((session) => session.run(tensor(new Int32Array(12), [2, 6])), 'DTYPE', 'int32'));

  test('labels as bytes', () =>
    expectHarmless((session) => session.step(input, tensor(new Uint8Array(count))), 'DTYPE', 'int32', 'uint8'));

  test('a type that the library does not know', () =>
    expectRefusal(() => tensor(new Float64Array(3) as never), 'DTYPE', 'Float64Array'));

  test.each([
    ['null', null],
    ['an array', [1, 2, 3]],
    ['an array by name', { x: [1, 2, 3] }],
    ['a number', 7],
    ['nothing', undefined],
  ])('%s instead of a tensor', (_, wrong) => {
    const work = (session: Session) => session.step(wrong as never, target);
    return expectHarmless(work, 'DTYPE', 'input', 'a tensor');
  });

  test('a loss that gives no value', async () => {
    const session = open({ loss: () => 3 as never });
    await expectRefusal(() => session.step(input, target), 'DTYPE', 'loss', 'number');
    session.dispose();
  });
});

describe('labels out of range', () => {
  test.each([3, -1, 1000])('%i in a step, in fit, in evaluate', async (label) => {
    const wrong = labels(count, 17, label);
    const parts = ['loss', 'between 0 and 2', String(label)];
    await expectHarmless((session) => session.step(input, wrong), 'VALUE', ...parts);
    await expectHarmless((session) => session.measure(input, wrong), 'VALUE', ...parts);
    const set = { input, target: wrong };
    await expectHarmless((session) => evaluate(session, set), 'VALUE', ...parts);
    // All examples are one batch: there is no step before the one that fails.
    await expectHarmless((session) => fit(session, set, { batchSize: count }), 'VALUE', ...parts);
  });

  test('fit keeps the whole steps before it', async () => {
    const session = await opened();
    const set = { input, target: labels(count, 20, 9) };
    await expectRefusal(() => fit(session, set, { batchSize: 4, shuffle: false }), 'VALUE', '9');
    const other = await opened();
    await fit(other, data.take(data.dataset(input, labels(count), {}), 20), {
      epochs: 1,
      batchSize: 4,
      shuffle: false,
    });
    expect(states(session)).toEqual(states(other));
    session.dispose();
    other.dispose();
  });

  test('words that an embedding does not have', async () => {
    const session = new Session(layers.embedding(5, 2));
    await session.run(labels(3));
    await expectRefusal(() => session.run(labels(3, 1, 5)), 'VALUE', 'between 0 and 4', '5');
    session.dispose();
  });
});

describe('NaN', () => {
  test.each([Number.NaN, Infinity])('%p in the data, with the step that met it first', async (wrong) => {
    const broken = { ...input, data: Float32Array.from(input.data) };
    broken.data[100] = wrong;
    const parts = ['first seen in', 'input'];
    await expectHarmless((session) => session.step(broken, target), 'NOT_FINITE', ...parts);
    const whole = { batchSize: count };
    await expectHarmless((session) => fit(session, { input: broken, target }, whole), 'NOT_FINITE', ...parts);
  });

  test('in a loss of sound data names the loss', async () => {
    const loss = (prediction: Value) => ops.log(ops.sub(ops.mean(prediction, { axes: [1] }), 1e6));
    const session = open({ loss, metrics: {} });
    await session.measure(input, target);
    const before = states(session);
    await expectRefusal(() => session.step(input, target), 'NOT_FINITE', 'first seen in', 'in loss');
    expect(states(session).get('dense.weight')).toEqual(before.get('dense.weight'));
    session.dispose();
  });

  test('of weights that grew beyond float32 names the layer', async () => {
    const session = open({ optimizer: optimizers.sgd({ rate: 1e30 }) });
    await expectRefusal(() => fit(session, examples, { epochs: 5 }), 'NOT_FINITE', 'first seen in', 'dense');
    session.dispose();
  });

  test('datasets name its place', () =>
    expectRefusal(() => data.dataset(tensor([1, Number.NaN], [2, 1]), labels(2)), 'VALUE', 'NaN at [1, 0]'));
});

describe('datasets', () => {
  const sets: [string, () => Parameters<typeof fit>[1], string[]][] = [
    ['empty', () => ({ input: floats(0, 6), target: labels(0) }), ['input', 'above 0']],
    ['without targets', () => ({ input, target: labels(0) }), ['target']],
    ['with fewer targets', () => ({ input, target: labels(count - 1) }), ['36', '35']],
    ['scalar', () => ({ input: tensor(1), target: labels(1) }), ['number of examples']],
    ['with inputs of unequal number', () => ({ input: { a: input, b: floats(3, 6) }, target }), ['input.b', '36', '3']],
  ];

  test.each(sets)('%s: in fit, as validation, in evaluate', async (_, set, parts) => {
    await expectHarmless((session) => fit(session, set()), 'DATA', 'fit', ...parts);
    await expectHarmless((session) => fit(session, examples, { validation: set() }), 'DATA', 'fit', ...parts);
    await expectHarmless((session) => evaluate(session, set()), 'DATA', 'evaluate', ...parts);
  });

  test('an empty input has no predictions', () =>
    expectHarmless((session) => predict(session, floats(0, 6)), 'DATA', 'predict'));

  test('a batch larger than the dataset', () =>
    expectHarmless((session) => fit(session, examples, { batchSize: 37 }), 'DATA', 'batch size', '36', '37'));

  test('a loss of classes on targets that are none', () =>
    expectHarmless((session) => fit(session, { input, target: floats(count) }), 'SHAPE', 'crossEntropy'));

  test('a session of another type of data', async () => {
    const session = new Session(layers.dense(1), { loss: losses.squaredError(), optimizer: optimizers.adam() });
    await expectRefusal(() => fit(session, examples), 'DTYPE', 'squaredError');
    session.dispose();
  });
});

test('errors carry their code as a field, for programs', async () => {
  const session = open();
  const failure = (await session.step(input, labels(count, 0, 9)).catch((error) => error)) as ConvoltError;
  expect(Object.keys(failure)).toContain('code');
  session.dispose();
});
