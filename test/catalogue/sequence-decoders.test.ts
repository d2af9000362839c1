/** S-01 to S-05 and S-08: what encoders, decoders and teacher forcing compute, in float64 and natively. */
import { Scope } from '../../lib/graph/scope';
import type { Tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import {
  attentionDecoder,
  type DecoderOptions,
  decoder,
  dotScore,
  encoderDecoder,
  feedbackDecoder,
  generalScore,
  globalAttention,
  gru,
  localAttention,
  lstm,
  peekDecoder,
  recurrentEncoder,
  rnn,
  simpleDecoder,
  stackRnn,
} from '../../lib/layers';
import { sequenceCrossEntropy } from '../../lib/losses';
import { sequenceAccuracy } from '../../lib/metrics';
import { greedy, Session } from '../../lib/models';
import { stack } from '../../lib/ops/concat';
import { add } from '../../lib/ops/elementwise';
import { mean, sum } from '../../lib/ops/reduce';
import { squeeze } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { adam } from '../../lib/optimizers';
import { EXACT, expectClose, F32 } from '../closeness';
import { newTrace } from '../pure/tracing';
import { computed, decoders, ints, lengths, parametersError, smallModel, value } from './sequence-pairs';

const source = ints([
  [2, 3, 4, 5, 6],
  [7, 8, 9, 0, 0],
]);
const sourceLengths = lengths(5, 3);
const target = ints([
  [4, 3, 2, 1],
  [9, 1, 0, 0],
]);
const pair = { source: value(source), sourceLengths: value(sourceLengths), target: value(target) };
const others = ints([
  [9, 9, 9, 9],
  [2, 2, 2, 2],
]);
const names = Object.keys(decoders);
const tiny = { symbols: 10, features: 3, units: 4 };

describe('S-01 encoder-decoder', () => {
  const sides = {
    gru: () => gru({ units: 4 }),
    lstm: () => lstm({ units: 4 }),
    rnn: () => rnn({ units: 4 }),
    'two layers': () => lstm({ units: 4, layers: 2 }),
    stack: () => stackRnn({ units: 4, stacks: 1, depth: 3 }),
  };
  const encoders = {
    ...sides,
    bidirectional: () => gru({ units: 3, bidirectional: true }),
    wider: () => gru({ units: 6 }),
  };

  for (const [reads, encoder] of Object.entries(encoders)) {
    for (const [writes, writer] of Object.entries(sides)) {
      test(`${reads} to ${writes}: lengths are independent`, () => {
        const model = encoderDecoder(
          recurrentEncoder({ symbols: 10, features: 3, recurrent: encoder() }),
          attentionDecoder({
            symbols: 12,
            features: 3,
            recurrent: writer(),
            attention: globalAttention(generalScore()),
          }),
        );
        const [logits] = computed((scope) => [model(pair, scope)]);
        expect(logits?.shape).toEqual([2, 4, 12]);
      });
    }
  }

  test.each([
    ['equal states are handed over layer by layer', 4, 2, []],
    ['the context goes through a tanh layer where widths differ', 5, 2, [1, 2]],
    ['the context is the hidden state of every layer', 4, 1, []],
  ])('%s', (_, units, layers, bridges) => {
    const model = encoderDecoder(
      recurrentEncoder({ symbols: 10, features: 3, recurrent: lstm({ units: 4, layers }) }),
      feedbackDecoder({ symbols: 10, features: 3, recurrent: lstm({ units, layers: 2 }) }),
    );
    const trace = newTrace();
    model(pair, new Scope(trace));
    const found = [...trace.declarations.keys()].filter((path) => /bridge.*weight/.test(path));
    expect(found).toEqual(bridges.map((layer) => `decoder.bridge${layer}.weight`));
  });

  test.each(names)('%s: NUM end to end', (name) => {
    const model = smallModel(decoders[name] as never, tiny);
    const loss = sequenceCrossEntropy();
    const error = parametersError((scope) =>
      mean(loss(model(pair, scope), { symbols: pair.target, lengths: value(lengths(4, 2)) })),
    );
    expect(error).toBeLessThan(1e-6);
  });

  test('overfits five pairs of sentences', async () => {
    const sentences = {
      source: ints([
        [2, 3, 4, 0],
        [2, 5, 0, 0],
        [6, 3, 4, 7],
        [6, 5, 8, 0],
        [9, 0, 0, 0],
      ]),
      sourceLengths: lengths(3, 2, 4, 3, 1),
      target: ints([
        [2, 9, 5, 8, 1],
        [2, 6, 1, 1, 1],
        [3, 9, 5, 4, 1],
        [3, 6, 1, 1, 1],
        [7, 1, 1, 1, 1],
      ]),
    };
    const wanted = { symbols: sentences.target, lengths: lengths(5, 3, 5, 3, 2) };
    const session = new Session(smallModel(decoders.feedback as never), {
      loss: sequenceCrossEntropy(),
      metrics: { whole: sequenceAccuracy() },
      optimizer: adam({ rate: 0.01 }),
      seed: 3,
    });
    for (let step = 0; step < 150; step++) await session.step(sentences, wanted);
    expect((await session.measure(sentences, wanted)).whole).toBe(1);
    const { source: read, sourceLengths: counts } = sentences;
    const written = await greedy(session, { source: read, sourceLengths: counts }, { length: 5 });
    expect([...written.symbols.data]).toEqual([...sentences.target.data]);
    expect([...written.lengths.data]).toEqual([5, 3, 5, 3, 2]);
    session.dispose();
  });
});

describe('S-02 simple decoder', () => {
  test.each([true, false])('no output depends on the target (training: %s)', (training) => {
    const model = smallModel(simpleDecoder, tiny);
    const [a] = computed((scope) => [model(pair, scope)], training);
    const [b] = computed((scope) => [model({ ...pair, target: value(others) }, scope)], training);
    expectClose(a as never, b as never, EXACT);
  });

  test('it has no embedding, and begins from zeros', () => {
    computed((scope) => {
      const { encoder, decoder: simple } = smallModel(simpleDecoder, tiny);
      const { initialState } = simple.open(encoder(pair.source, scope), scope);
      expect(initialState.map(({ shape }) => shape)).toEqual([[2, 4]]);
      return initialState;
    }).forEach(({ data }) => {
      expect([...data]).toEqual(new Array(8).fill(0));
    });
  });
});

/** Logits of steps that are written out, each with the true symbol before it. */
function stepped(model: ReturnType<typeof smallModel>): (scope: never) => Value[] {
  return (scope) => {
    const open = model.decoder.open(model.encoder(pair.source, scope, pair.sourceLengths), scope);
    const column = (t: number): Value =>
      t < 0
        ? value({ dtype: 'int32', shape: [2], data: Int32Array.of(0, 0) })
        : squeeze(slice(pair.target, { begin: [0, t], size: [2, 1] }), 1);
    let state = open.initialState;
    const logits = [0, 1, 2, 3].map((t) => {
      const step = open.step(state, open.embed(column(t - 1)));
      state = step.state;
      return open.logits(step.output);
    });
    return [stack(logits, { axis: 1 })];
  };
}

describe.each(names)('%s decoder', (name) => {
  const make = decoders[name] as never;

  test('S-03 teacher forcing is feeding the true prefix', () => {
    const model = smallModel(make, tiny);
    const [forced] = computed((scope) => [model(pair, scope)], true);
    const [fed] = computed(stepped(model) as never, true);
    expectClose(forced as never, fed as never, EXACT);
  });

  test('S-08 ratio 0 is free running, ratio 1 of a schedule is teacher forcing', () => {
    const logitsAt = (teacherForcing: number | (() => Value), training = true) => {
      const model = smallModel(make, tiny, { teacherForcing });
      return computed((scope) => [model(pair, scope)], training)[0] as never;
    };
    const at = (ratio: number) => () => value({ dtype: 'float32', shape: [], data: Float32Array.of(ratio) });
    const free = logitsAt(1, false);
    expectClose(logitsAt(0), free, EXACT);
    expectClose(logitsAt(at(0)), free, EXACT);
    expectClose(logitsAt(at(1)), logitsAt(1), EXACT);
  });
});

describe('S-08 teacher forcing', () => {
  test('every step draws: some read the true symbol, some their own', () => {
    const logitsOf = (teacherForcing: number) => {
      const model = smallModel(feedbackDecoder, { ...tiny, units: 8 }, { teacherForcing });
      return computed((scope) => [model({ ...pair, target: value(others) }, scope)], true)[0]?.data as Float64Array;
    };
    const [free, half, forced] = [0, 0.5, 1].map(logitsOf) as [Float64Array, Float64Array, Float64Array];
    const same = (a: Float64Array, b: Float64Array) => a.filter((x, i) => x === b[i]).length;
    expect(same(half, free)).toBeLessThan(80);
    expect(same(half, forced)).toBeLessThan(80);
    expect(same(free, forced)).toBe(20); // the first steps of both examples
  });

  test('a schedule counts the steps of training', async () => {
    const steps: string[] = [];
    const model = smallModel(feedbackDecoder, tiny, {
      teacherForcing: (step) => {
        steps.push(step.name as string);
        return step;
      },
    });
    const session = new Session(model, { loss: sequenceCrossEntropy(), optimizer: adam({ rate: 0.01 }), seed: 1 });
    for (let i = 0; i < 3; i++) await session.step({ source, sourceLengths, target }, target);
    expect(steps).toEqual(['teacherForcing.step']);
    expect([...session.read('teacherForcing.step').data]).toEqual([3]);
    await session.measure({ source, sourceLengths, target }, target);
    expect([...session.read('teacherForcing.step').data]).toEqual([3]);
    session.dispose();
  });

  test('the true symbols can be read while measuring, too', () => {
    const logitsOf = (measuredOn: 'own' | 'true', training: boolean) => {
      const model = smallModel(feedbackDecoder, tiny, { measuredOn });
      return computed((scope) => [model({ ...pair, target: value(others) }, scope)], training)[0] as never;
    };
    expectClose(logitsOf('true', false), logitsOf('own', true), EXACT);
    expect(() => expectClose(logitsOf('own', false), logitsOf('own', true), EXACT)).toThrow();
  });
});

test('S-04 peek without the columns of c is feedback', async () => {
  const [feedback, peek] = [feedbackDecoder, peekDecoder].map(
    (make) => new Session(smallModel(make, tiny, { measuredOn: 'true' }), { seed: 1 }),
  ) as [Session, Session];
  const given = { source, sourceLengths, target };
  const expected = await feedback.run(given);
  const before = await peek.run(given);
  const weight = feedback.read('decoder.gru.weight');
  const wide = new Float32Array(7 * 12);
  wide.set(weight.data);
  for (const { path } of feedback.declarations())
    peek.write(path, path === 'decoder.gru.weight' ? { ...weight, shape: [7, 12], data: wide } : feedback.read(path));
  expectClose(await peek.run(given), expected, F32);
  expect(() => expectClose(before, expected, F32)).toThrow();
  for (const session of [feedback, peek]) session.dispose();
});

describe('S-05 attention decoder', () => {
  const variants = {
    additive: {},
    'general, at the output': { attention: globalAttention(generalScore()), placement: 'output' },
    'zeros at first': { begins: 'zeros' },
  } as const;

  test.each(Object.entries(variants))('%s: rows of the exported weights sum to 1, padding has none', async (_, how) => {
    const model = smallModel((options) => attentionDecoder({ ...options, ...how }), tiny);
    const session = new Session(model, { seed: 1 });
    const { attention } = (await greedy(session, { source, sourceLengths }, { length: 4 })) as { attention: Tensor };
    expect(attention.shape).toEqual([2, 4, 5]);
    for (let row = 0; row < 8; row++) {
      const weights = [...attention.data.slice(5 * row, 5 * row + 5)];
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      if (row >= 4) expect(weights.slice(3)).toEqual([0, 0]);
    }
    session.dispose();
  });

  test("local attention and Luong's placement: NUM", () => {
    const model = smallModel(
      (options) =>
        attentionDecoder({ ...options, attention: localAttention(dotScore(), { reach: 1 }), placement: 'output' }),
      tiny,
    );
    expect(parametersError((scope) => sum(model(pair, scope)))).toBeLessThan(1e-6);
  });
});

test("a decoder of one's own: the context is added to every symbol", () => {
  const summingDecoder = (options: DecoderOptions) =>
    decoder('summingDecoder', options, {
      begins: 'context',
      step:
        ({ context }, advance) =>
        (state, previous) =>
          advance(state, add(previous, context)),
    });
  const model = smallModel(summingDecoder, { ...tiny, features: 4 });
  const [logits] = computed((scope) => [model(pair, scope)], true);
  const [fed] = computed(stepped(model) as never, true);
  expectClose(logits as never, fed as never, EXACT);
});

test('S-03 natively, the logits of a prefix are those of the whole target', async () => {
  const session = new Session(smallModel(decoders.attention as never, tiny, { measuredOn: 'true' }), { seed: 4 });
  const whole = await session.run({ source, sourceLengths, target });
  for (const steps of [1, 2, 3]) {
    const prefix = ints([0, 1].map((n) => [...target.data.slice(4 * n, 4 * n + steps)]));
    const { data } = await session.run({ source, sourceLengths, target: prefix });
    for (const n of [0, 1]) {
      const first = whole.data.slice(40 * n, 40 * n + 10 * steps);
      expect(data.slice(10 * steps * n, 10 * steps * (n + 1))).toEqual(first);
    }
  }
  session.dispose();
});
