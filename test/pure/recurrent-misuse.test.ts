/** Recurrent layers: a complaint for every misuse, at the user's line. */
import {
  forgetBiasProfile,
  functions,
  gateAblation,
  layers,
  recurrentGradientProfile,
  Session,
  type Tensor,
  tensor,
  type Value,
} from '../../lib';
import { Scope } from '../../lib/graph/scope';
import { feed } from '../../lib/ops/source';
import { refusal } from '../io/refusal';
import { newTrace } from './tracing';

const { gru, lstm, pyramidal, recurrent, rnn, stackRnn } = layers;

type Run = { run(x: Value, scope: Scope, options?: object): unknown };
const on =
  (layer: unknown, shape: readonly number[], options: object = {}, dtype: 'float32' | 'int32' = 'float32') =>
  () =>
    (layer as Run).run(feed('x', shape, dtype), new Scope(newTrace(false)), options);

const input = [2, 5, 3];
const state = (...shape: number[]): Value => feed('state', shape);
const units = 4;

const bad: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'no units',
    () => rnn({ units: 0 }),
    refusal('VALUE', 'rnn: expected the number of units to be a whole number of 1 or more but got 0'),
  ],
  ['no units', () => lstm({} as never), refusal('VALUE', 'lstm: expected the number of units')],
  ['no units', () => gru({ units: 1.5 }), refusal('VALUE', 'gru: expected the number of units')],
  ['unknown option', () => rnn({ units, hidden: 3 } as never), refusal('OPTION', "but got 'hidden'")],
  ['unknown option', () => lstm({ units, forget: 3 } as never), refusal('OPTION', "but got 'forget'")],
  ['unknown option', () => gru({ units, reset: 3 } as never), refusal('OPTION', "but got 'reset'")],
  ['unknown option', () => stackRnn({ units, size: 3 } as never), refusal('OPTION', "but got 'size'")],
  [
    'unknown option',
    () => pyramidal({ units, sequences: false } as never),
    refusal('OPTION', 'pyramidal: expected every option'),
  ],
  [
    'unknown option',
    () => recurrent('own', () => null as never, { units } as never),
    refusal('OPTION', 'own: expected every option'),
  ],
  ['unknown option', on(gru({ units }), input, { length: 3 }), refusal('OPTION', "but got 'length'")],
  ['unknown option', on(pyramidal({ units }), input, { state: 3 }), refusal('OPTION', "but got 'state'")],
  ['a name with dots', () => recurrent('a.b', () => null as never), refusal('OPTION', 'layer: expected the name')],
  ['no layers', () => lstm({ units, layers: 0 }), refusal('VALUE', 'lstm: expected the number of layers')],
  [
    'dropout of all',
    () => lstm({ units, dropout: 1 }),
    refusal('VALUE', 'lstm: expected dropout to be a finite number at least 0 and below 1'),
  ],
  [
    'merge',
    () => gru({ units, merge: 'add' as never }),
    refusal('OPTION', "gru: expected merge to be one of concat, sum but got 'add'"),
  ],
  ['truncate', () => gru({ units, truncate: 0 }), refusal('VALUE', 'gru: expected truncate')],
  ['checkpoint', () => gru({ units, checkpoint: 0 }), refusal('VALUE', 'gru: expected checkpoint')],
  [
    'two directions',
    () => gru({ units, reverse: true, bidirectional: true }),
    refusal('OPTION', 'gru: expected reverse and bidirectional to be not both but got both'),
  ],
  [
    'bias',
    () => gru({ units, bias: 'two' as never }),
    refusal('OPTION', "gru: expected bias to be one of true, false, double but got 'two'"),
  ],
  ['bias', () => rnn({ units, bias: 'two' as never }), refusal('OPTION', 'rnn: expected bias')],
  [
    'activation',
    () => rnn({ units, activation: 'selu' as never }),
    refusal('OPTION', "rnn: expected activation to be one of tanh, relu but got 'selu'"),
  ],
  [
    'update',
    () => gru({ units, update: 'cho' as never }),
    refusal('OPTION', 'gru: expected update to be one of torch, swapped'),
  ],
  ['forget bias', () => lstm({ units, forgetBias: Number.NaN }), refusal('VALUE', 'lstm: expected forgetBias')],
  [
    'peephole',
    () => lstm({ units, peephole: true as never }),
    refusal('OPTION', "lstm: expected peephole to be one of false, diagonal, full but got 'true'"),
  ],
  [
    'coupled',
    () => lstm({ units, coupled: true, noForget: true }),
    refusal('OPTION', 'lstm: expected coupled to be given without noInput and noForget but got noForget'),
  ],
  ['coupled', () => lstm({ units, coupled: true, noInput: true }), refusal('OPTION', 'but got noInput')],
  ['depth', () => stackRnn({ units, depth: 0 }), refusal('VALUE', 'stackRnn: expected depth')],
  [
    'top',
    () => stackRnn({ units, depth: 3, top: 4 }),
    refusal('VALUE', 'stackRnn: expected top to be at most the depth 3 but got 4'),
  ],
  [
    'pyramid of no layers',
    () => pyramidal({ units, layers: 0 }),
    refusal('VALUE', 'pyramidal: expected the number of layers'),
  ],
  [
    'pooling',
    () => pyramidal({ units, pooling: 'sum' as never }),
    refusal('OPTION', 'pyramidal: expected pooling to be one of concat, mean, max'),
  ],
  [
    'tail',
    () => pyramidal({ units, tail: 'keep' as never }),
    refusal('OPTION', 'pyramidal: expected tail to be one of pad, drop'),
  ],
  [
    'an empty sequence',
    on(lstm({ units }), [2, 0, 3]),
    refusal(
      'SHAPE',
      'lstm: expected the input to be float32[N, T, F] with T of 1 or more but got float32[2, 0, 3] (at lstm)',
    ),
  ],
  ['an empty sequence', on(pyramidal({ units }), [2, 0, 3]), refusal('SHAPE', 'pyramidal: expected the input')],
  ['no sequence', on(rnn({ units }), [2, 3]), refusal('SHAPE', 'rnn: expected the input to be float32[N, T, F]')],
  ['indices', on(gru({ units }), input, {}, 'int32'), refusal('SHAPE', 'but got int32[2, 5, 3]')],
  [
    'a pyramid without steps',
    on(pyramidal({ units, layers: 2, tail: 'drop' }), [2, 3, 3]),
    refusal('SHAPE', 'pairSteps: expected the number of steps to be 2 or more but got 1'),
  ],
  [
    'pairs of no sequence',
    () => functions.pairSteps(feed('x', [2, 3])),
    refusal('SHAPE', 'pairSteps: expected the input to be [N, T, F]'),
  ],
  ['pairs', () => functions.pairSteps(feed('x', input), { stride: 2 } as never), refusal('OPTION', "but got 'stride'")],
  [
    'lengths of another batch',
    on(gru({ units }), input, { lengths: feed('n', [3], 'int32') }),
    refusal(
      'SHAPE',
      'gru: expected the lengths to be int32[2], as the input is float32[2, 5, 3] but got int32[3] (at gru)',
    ),
  ],
  [
    'lengths in floats',
    on(gru({ units }), input, { lengths: feed('n', [2]) }),
    refusal('SHAPE', 'the lengths to be int32[2]'),
  ],
  [
    'lengths of a pyramid',
    on(pyramidal({ units }), input, { lengths: feed('n', [3], 'int32') }),
    refusal('SHAPE', 'pyramidal: expected the lengths'),
  ],
  [
    'a mask of other steps',
    on(lstm({ units }), input, { mask: feed('m', [2, 4], 'bool') }),
    refusal('SHAPE', 'lstm: expected the mask to be bool[2, 5], as the input is float32[2, 5, 3] but got bool[2, 4]'),
  ],
  [
    'a mask in floats',
    on(lstm({ units }), input, { mask: feed('m', [2, 5]) }),
    refusal('SHAPE', 'the mask to be bool[2, 5]'),
  ],
  [
    'lengths and mask',
    on(lstm({ units }), input, { mask: feed('m', [2, 5], 'bool'), lengths: feed('n', [2], 'int32') }),
    refusal('OPTION', 'lstm: expected lengths and mask to be not both but got both'),
  ],
  [
    'a state of another batch',
    on(gru({ units }), input, { state: [state(3, 4)] }),
    refusal('SHAPE', 'gru: expected the state to be float32[2, 4] but got float32[3, 4] (at gru)'),
  ],
  [
    'half a state',
    on(lstm({ units }), input, { state: [{ hidden: state(2, 4) }] }),
    refusal(
      'SHAPE',
      'lstm: expected the state to be { hidden float32[2, 4], cell float32[2, 4] } but got { hidden float32[2, 4] }',
    ),
  ],
  ['numbers as a state', on(gru({ units }), input, { state: [3] }), refusal('SHAPE', 'but got number')],
  [
    'the state of one direction',
    on(gru({ units, bidirectional: true }), input, { state: [state(2, 4)] }),
    refusal('SHAPE', 'gru: expected the state to be a list of 2, one per layer and direction but got a list of 1'),
  ],
  [
    'no list of states',
    on(gru({ units }), input, { state: state(2, 4) }),
    refusal('SHAPE', 'a list of 1, one per layer and direction but got no list'),
  ],
];

test.each(bad)('%s', (_, act, refused) => expect(act).toThrow(refused));

test("the first line of the stack is the user's", () => {
  try {
    on(lstm({ units }), [2, 0, 3])();
  } catch (error) {
    expect((error as Error).stack?.split('\n').find((line) => /^\s+at /.test(line))).toMatch(/recurrent-misuse\.test/);
    return;
  }
  throw new Error('nothing was refused');
});

describe('lengths, when the program runs', () => {
  const layer = gru({ units: 3, sequences: false });
  const session = new Session(
    ({ x, lengths }: { x: Value; lengths: Value }, scope) => layer.run(x, scope, { lengths }).output,
  );
  const run = (...lengths: number[]): Promise<Tensor> =>
    session.run({ x: tensor(new Float32Array(12), [2, 3, 2]), lengths: tensor(Int32Array.from(lengths)) });
  afterAll(() => session.dispose());

  test('from 1 to T', async () => expect((await run(1, 3)).shape).toEqual([2, 3]));

  test.each([4, 0, -1])('%d of 3', async (length) => {
    await expect(run(2, length)).rejects.toThrow(
      refusal('VALUE', `sequenceMask in gru: expected every length to be between 1 and 3 but got ${length}`),
    );
  });
});

test('the tools', async () => {
  const [weight, sequence] = [tensor([[1]]), tensor([[[1], [2]]])];
  const profile = (options: object) => recurrentGradientProfile({ weight, sequence, ...options } as never);
  await expect(profile({ weights: 1 })).rejects.toThrow(refusal('OPTION', "but got 'weights'"));
  await expect(profile({ activation: 'gelu' })).rejects.toThrow(
    refusal('OPTION', 'recurrentGradientProfile: expected activation'),
  );
  await expect(profile({ weight: tensor([[1, 2]]) })).rejects.toThrow(
    refusal('SHAPE', 'recurrentGradientProfile: expected the weight to be [1, 1] but got [1, 2]'),
  );
  await expect(profile({ sequence: tensor([[1]]) })).rejects.toThrow(
    refusal('SHAPE', 'recurrentGradientProfile: expected the sequence to be [N, T, H]'),
  );
  await expect(forgetBiasProfile({ steps: 0 })).rejects.toThrow(
    refusal('VALUE', 'forgetBiasProfile: expected the number of steps'),
  );
  await expect(forgetBiasProfile({ bias: 0 } as never)).rejects.toThrow(refusal('OPTION', "but got 'bias'"));
  await expect(gateAblation({ model: 0 } as never)).rejects.toThrow(refusal('OPTION', "but got 'model'"));
});
