/** Sequence models: a complaint for every misuse. */
import { attend, localWindow } from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import { type Tensor, tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import {
  additiveScore,
  attentionDecoder,
  dotScore,
  type Encoding,
  encoderDecoder,
  feedbackDecoder,
  globalAttention,
  localAttention,
  recurrentEncoder,
} from '../../lib/layers';
import { sequenceCrossEntropy } from '../../lib/losses';
import { sequenceAccuracy, symbolAccuracy } from '../../lib/metrics';
import { beamSearch, greedy, Session } from '../../lib/models';
import { feed } from '../../lib/ops/source';
import { sgd } from '../../lib/optimizers';
import { ints, lengths, smallModel } from '../catalogue/sequence-pairs';
import { refusal } from '../io/refusal';
import { newTrace } from '../pure/tracing';

const tiny = { symbols: 10, features: 3, units: 4 };
const model = smallModel(feedbackDecoder, tiny);
const source = ints([
  [2, 3, 4],
  [5, 6, 0],
]);
const target = ints([
  [4, 3, 2, 1],
  [6, 1, 0, 0],
]);
const given = { source, sourceLengths: lengths(3, 2), target };
const empty = (...shape: number[]): Tensor => tensor(new Int32Array(0), shape);

const scope = () => new Scope(newTrace(false));
const encodingOf = (changes: Partial<Encoding>): Encoding => ({
  outputs: feed('outputs', [2, 3, 4]),
  context: feed('context', [2, 4]),
  state: [feed('context', [2, 4])],
  ...changes,
});
const opened = (changes: Partial<Encoding>) => () => model.decoder.open(encodingOf(changes), scope());
const mask = (...shape: number[]): Value => feed('mask', shape, 'bool');

const loss = sequenceCrossEntropy();
const logits = feed('logits', [2, 4, 10]);
const symbols = feed('symbols', [2, 4], 'int32');

const whileTracing: [string, () => unknown, ReturnType<typeof refusal>][] = [
  [
    'no symbols',
    () => feedbackDecoder({ symbols: 0 }),
    refusal('VALUE', 'feedbackDecoder: expected the number of symbols'),
  ],
  [
    'a start symbol outside',
    () => feedbackDecoder({ symbols: 5, start: 5 }),
    refusal('VALUE', 'the start symbol', 'below'),
  ],
  ['an end symbol outside', () => feedbackDecoder({ symbols: 5, end: -1 }), refusal('VALUE', 'the end symbol')],
  ['one symbol for both', () => feedbackDecoder({ symbols: 5, end: 0 }), refusal('VALUE', 'other than the end symbol')],
  ['a decoder option', () => feedbackDecoder({ symbols: 5, units: 3 } as never), refusal('OPTION', "'units'")],
  ['a placement', () => attentionDecoder({ symbols: 5, placement: 'both' as never }), refusal('OPTION', 'placement')],
  ['a beginning', () => attentionDecoder({ symbols: 5, begins: 'c' as never }), refusal('OPTION', 'begins')],
  ['an encoder option', () => recurrentEncoder({ units: 3 } as never), refusal('OPTION', "'units'")],
  ['an encoder of no symbols', () => recurrentEncoder({ symbols: 0 }), refusal('VALUE', 'recurrentEncoder')],
  ['a ratio', () => smallModel(feedbackDecoder, tiny, { teacherForcing: 1.5 }), refusal('VALUE', 'teacherForcing')],
  [
    'a way to measure',
    () => smallModel(feedbackDecoder, tiny, { measuredOn: 'x' as never }),
    refusal('OPTION', 'measuredOn'),
  ],
  [
    'a model option',
    () => encoderDecoder(model.encoder, model.decoder, { ratio: 1 } as never),
    refusal('OPTION', "encoderDecoder: expected every option to be one of teacherForcing, measuredOn but got 'ratio'"),
  ],
  ['units of a score', () => additiveScore(0), refusal('VALUE', 'additiveScore')],
  ['a reach', () => localAttention(dotScore(), { reach: 0 }), refusal('VALUE', 'localAttention: expected the reach')],
  ['a reach of a window', () => localWindow(feed('p', [2]), 5, 0.5), refusal('VALUE', 'localWindow')],
  ['a local option', () => localAttention(dotScore(), { D: 1 } as never), refusal('OPTION', "'D'")],
  [
    'a narrow query',
    () => globalAttention(dotScore())({ states: feed('h', [2, 3, 4]) }, scope())(feed('q', [2, 5])),
    refusal('SHAPE', 'dotScore: expected the query to be as wide as the states float32[2, 3, 4] but got float32[2, 5]'),
  ],
  [
    'states of two axes',
    () => globalAttention(dotScore())({ states: feed('h', [2, 4]) }, scope()),
    refusal('SHAPE', 'attention: expected the states to be [N, S, H] but got float32[2, 4]'),
  ],
  [
    'a mask of an attention',
    () => globalAttention(dotScore())({ states: feed('h', [2, 3, 4]), mask: mask(3, 2) }, scope()),
    refusal('SHAPE', 'attention: expected the mask to be bool[2, 3] but got bool[3, 2]'),
  ],
  [
    'a mask of scores',
    () => attend(feed('e', [2, 3]), feed('h', [2, 3, 4]), { mask: feed('mask', [2, 3]) }),
    refusal('SHAPE', 'attend: expected the mask to be bool[2, 3] but got float32[2, 3]'),
  ],
  ['a mask of an encoding', opened({ mask: mask(2, 4) }), refusal('SHAPE', 'the mask', 'bool[2, 3]', 'bool[2, 4]')],
  ['an encoding without steps', opened({ outputs: feed('outputs', [2, 0, 4]) }), refusal('SHAPE', 'S of 1 or more')],
  ['a context of three axes', opened({ context: feed('c', [2, 1, 4]) }), refusal('SHAPE', 'a context [N, C]')],
  ['a context of others', opened({ context: feed('c', [3, 4]) }), refusal('SHAPE', 'the encoding')],

  ['a loss option', () => sequenceCrossEntropy({ weights: [1] } as never), refusal('OPTION', "'weights'")],
  ['a smoothing', () => sequenceCrossEntropy({ labelSmoothing: 2 }), refusal('VALUE', 'labelSmoothing')],
  ['logits of two axes', () => loss(feed('z', [2, 4]), symbols), refusal('SHAPE', 'the prediction', '[N, T, symbols]')],
  ['logits without steps', () => loss(feed('z', [2, 0, 4]), feed('y', [2, 0], 'int32')), refusal('SHAPE', 'T of 1')],
  ['symbols of another shape', () => loss(logits, feed('y', [2, 5], 'int32')), refusal('SHAPE', 'the labels')],
  ['symbols as floats', () => loss(logits, feed('y', [2, 4])), refusal('DTYPE', 'the labels')],
  ['no symbols at all', () => loss(logits, { lengths: symbols } as never), refusal('SHAPE', 'with symbols [N, T]')],
  ['a target part', () => loss(logits, { symbols, length: symbols } as never), refusal('OPTION', "'length'")],
  [
    'a mask of a loss',
    () => loss(logits, { symbols, mask: mask(2, 5) }),
    refusal('SHAPE', 'sequenceCrossEntropy: expected the mask to be bool[2, 4] but got bool[2, 5]'),
  ],
  ['a mask of a metric', () => symbolAccuracy()(logits, { symbols, mask: mask(4, 2) }), refusal('SHAPE', 'the mask')],
  [
    'lengths of two axes',
    () => sequenceAccuracy()(logits, { symbols, lengths: symbols }),
    refusal('SHAPE', 'the lengths'),
  ],
  [
    'lengths and a mask',
    () => loss(logits, { symbols, mask: mask(2, 4), lengths: feed('n', [2], 'int32') } as never),
    refusal('OPTION', 'lengths or a mask'),
  ],
];

test.each(whileTracing)('%s', (_, act, complaint) => {
  expect(act).toThrow(complaint);
});

describe('while running', () => {
  const session = new Session(model, { loss, optimizer: sgd({ rate: 0.1 }), seed: 1 });
  afterAll(() => session.dispose());
  const read = { source, sourceLengths: lengths(3, 2) };

  const wrong: [string, () => Promise<unknown>, ReturnType<typeof refusal>][] = [
    ['a source without steps', () => session.run({ source: empty(2, 0), target }), refusal('SHAPE', 'T of 1 or more')],
    [
      'a target without steps',
      () => session.run({ source, target: empty(2, 0) }),
      refusal('SHAPE', 'the target', '[2, 0]'),
    ],
    ['no target', () => session.run({ source }), refusal('SHAPE', 'the target', 'nothing')],
    [
      'a target of others',
      () => session.run({ source, target: ints([[1]]) }),
      refusal('SHAPE', 'the target', 'N as many'),
    ],
    ['a target of floats', () => session.run({ source, target: tensor([[1], [1]]) }), refusal('SHAPE', 'the target')],
    [
      'a source symbol',
      () =>
        session.run({
          ...given,
          source: ints([
            [2, 10, 4],
            [5, 6, 0],
          ]),
        }),
      refusal('VALUE', 'encoder.embedding', 'got 10'),
    ],
    [
      'a target symbol',
      () =>
        session.step(
          {
            ...given,
            target: ints([
              [4, 3, 99, 1],
              [6, 1, 0, 0],
            ]),
          },
          target,
        ),
      refusal('VALUE', 'decoder.embedding', 'got 99'),
    ],
    [
      'a symbol of the loss',
      () =>
        session.step(given, {
          symbols: ints([
            [4, 3, -1, 1],
            [6, 1, 0, 0],
          ]),
          lengths: lengths(4, 2),
        }),
      refusal('VALUE', 'in loss', 'got -1'),
    ],
    [
      'a length beyond S',
      () => session.run({ ...given, sourceLengths: lengths(3, 4) }),
      refusal('VALUE', 'between 1 and 3', 'got 4'),
    ],
    [
      'a length of 0',
      () => session.run({ ...given, sourceLengths: lengths(0, 2) }),
      refusal('VALUE', 'between 1 and 3', 'got 0'),
    ],
    [
      'a length beyond T',
      () => session.step(given, { symbols: target, lengths: lengths(4, 5) }),
      refusal('VALUE', 'between 1 and 4', 'got 5'),
    ],
    [
      'lengths of others',
      () => session.run({ ...given, sourceLengths: lengths(3) }),
      refusal('SHAPE', 'the lengths', 'int32[2]'),
    ],
    ['no steps to write', () => greedy(session, read, { length: 0 }), refusal('VALUE', 'greedy: expected the length')],
    ['a greedy option', () => greedy(session, read, { steps: 3 } as never), refusal('OPTION', "'steps'")],
    [
      'nothing to read',
      () => greedy(session, {} as never, { length: 3 }),
      refusal('DATA', '{ source, sourceLengths? }'),
    ],
    ['no beams', () => beamSearch(session, read, { length: 3, beams: 0 }), refusal('VALUE', 'the number of beams')],
    [
      'half a beam',
      () => beamSearch(session, read, { length: 3, beams: 1.5 }),
      refusal('VALUE', 'the number of beams'),
    ],
    ['a power', () => beamSearch(session, read, { length: 3, lengthPower: -1 }), refusal('VALUE', 'lengthPower')],
    ['a beam option', () => beamSearch(session, read, { length: 3, width: 2 } as never), refusal('OPTION', "'width'")],
    [
      'a length to read',
      () => greedy(session, { source, sourceLengths: lengths(3, 4) }, { length: 3 }),
      refusal('VALUE', 'got 4'),
    ],
    [
      'another model',
      () => greedy(new Session((x: Value) => x), read, { length: 3 }),
      refusal('OPTION', 'an encoderDecoder'),
    ],
  ];

  test.each(wrong)('%s', (_, act, complaint) => expect((async () => act())()).rejects.toThrow(complaint));

  test('a symbol that does not count may be anything', async () => {
    const { loss: padded } = await session.measure(given, {
      symbols: ints([
        [4, 3, 2, 1],
        [6, 1, 99, -7],
      ]),
      lengths: lengths(4, 2),
    });
    expect(Number.isFinite(padded)).toBe(true);
  });
});
