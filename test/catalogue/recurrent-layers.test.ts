/** Chapter R: deep, bidirectional and pyramidal networks, unequal lengths, and any cell as a layer, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import { relu } from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import { reachable, type Value } from '../../lib/graph/value';
import { zeros } from '../../lib/initializers';
import { gru, lstm, pyramidal, type RecurrentLayer, recurrent, rnn, stackRnn, zeroState } from '../../lib/layers';
import { concat } from '../../lib/ops/concat';
import { add, broadcastTo, mul, sigmoid, sub, tanh } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { reshape } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { constant, feed } from '../../lib/ops/source';
import { evaluate } from '../../lib/reference';
import { EXACT, F64 } from '../closeness';
import { givenScope } from '../golden/given-scope';
import { newTrace } from '../pure/tracing';
import { numbers } from './numbers';
import { backward, drawn, drawnParameters, expectEqual, layerError, leaves, numeric, weighed } from './recurrent-runs';

test('checkpointed chunks change no gradient', () => {
  const input = [2, 7, 3];
  const slopesOf = (options: { checkpoint?: number; truncate?: number }): Value[] => {
    const layer = gru({ units: 4, layers: 2, bidirectional: true, resetAfter: false, ...options });
    const parameters = drawnParameters(layer, input);
    const x = drawn(5, ...input);
    return gradients(weighed([layer(x, givenScope(parameters))]), [x, ...parameters.values()]);
  };
  for (const checkpoint of [1, 3, 7, 9]) expectEqual(slopesOf({ checkpoint }), slopesOf({}), F64);
  expectEqual(slopesOf({ checkpoint: 3, truncate: 2 }), slopesOf({ truncate: 2 }), F64);
});

describe('R-04 deep networks', () => {
  test('a layer reads the outputs of the one below', () => {
    const layer = lstm({ units: 4, layers: 2 });
    const parameters = drawnParameters(layer, [2, 5, 3]);
    expect([...parameters.keys()]).toEqual(
      ['layer1', 'layer2'].flatMap((part) => [
        `lstm.${part}.recurrent.weight`,
        `lstm.${part}.weight`,
        `lstm.${part}.bias`,
      ]),
    );
    const x = drawn(1, 2, 5, 3);
    const whole = layer.run(x, givenScope(parameters));
    const single = lstm({ units: 4 });
    const below = single.run(x, givenScope(parameters), {}, 'lstm.layer1');
    const above = single.run(below.output, givenScope(parameters), {}, 'lstm.layer2');
    expectEqual([whole.output, ...leaves(whole.state)], [above.output, ...leaves([...below.state, ...above.state])]);
  });

  test('dropout stands between the layers, while training', () => {
    const draws = (layers: number, training: boolean): number => {
      const y = rnn({ units: 4, layers, dropout: 0.5 })(feed('x', [1, 2, 3]), new Scope(newTrace(training)));
      return reachable([y]).filter((node) => node.op.name === 'randomUniform').length;
    };
    expect([draws(1, true), draws(3, true), draws(3, false)]).toEqual([0, 2, 0]);
  });
});

describe('R-05 bidirectional networks', () => {
  const layer = gru({ units: 4, bidirectional: true });
  const [parameters, x] = [drawnParameters(layer, [2, 5, 3]), drawn(1, 2, 5, 3)];
  const swapped = new Map(
    [...parameters].map(([path, value]) => [
      path.includes('forward') ? path.replace('forward', 'backward') : path.replace('backward', 'forward'),
      value,
    ]),
  );
  const halves = (y: Value): [Value, Value] =>
    [0, 4].map((begin) => slice(y, { begin: [0, 0, begin], size: [-1, -1, 4] })) as [Value, Value];

  test('reversing the input swaps the halves', () => {
    const [forward, back] = halves(layer(x, givenScope(parameters)));
    const turned = halves(backward(layer(backward(x), givenScope(swapped))));
    expectEqual([forward, back], [turned[1], turned[0]]);
  });

  test('the halves may be added', () => {
    const [forward, back] = halves(layer(x, givenScope(parameters)));
    expectEqual(
      [gru({ units: 4, bidirectional: true, merge: 'sum' })(x, givenScope(parameters))],
      [add(forward, back)],
    );
  });

  test('without sequences it gives the last step of each direction', () => {
    const last = gru({ units: 4, bidirectional: true, sequences: false })(x, givenScope(parameters));
    const [forward, back] = halves(layer(x, givenScope(parameters)));
    const step = (y: Value, t: number): Value => reshape(slice(y, { begin: [0, t, 0], size: [-1, 1, -1] }), [2, 4]);
    expectEqual([last], [concat([step(forward, 4), step(back, 0)], { axis: 1 })]);
  });

  test('reverse runs one direction backward', () => {
    const one = drawnParameters(gru({ units: 4 }), [2, 5, 3]);
    const reversed = gru({ units: 4, reverse: true })(x, givenScope(one));
    expectEqual([reversed], [backward(gru({ units: 4 })(backward(x), givenScope(one)))]);
  });
});

describe('R-06 pyramidal networks', () => {
  const stepsOf = (steps: number, options: object = {}): number[] => {
    const sequence = feed('x', [2, steps, 3]);
    const stepsAfter = (layers: number): number =>
      pyramidal({ units: 3, ...options, layers })(sequence, new Scope(newTrace(false))).shape[1] as number;
    return [1, 2, 3].map(stepsAfter);
  };

  test('the number of steps is halved', () => {
    expect(stepsOf(8)).toEqual([4, 2, 1]);
    expect(stepsOf(7)).toEqual([4, 2, 1]);
    expect(stepsOf(15, { tail: 'drop' })).toEqual([7, 3, 1]);
  });

  test.each(['concat', 'mean', 'max'] as const)('pairs by %s: a bidirectional layer on pairs', (pooling) => {
    const x = drawn(1, 2, 7, 3);
    const layer = pyramidal({ units: 4, layers: 1, pooling });
    const padded = concat([x, broadcastTo(constant(0), [2, 1, 3])], { axis: 1 });
    const every = (from: number): Value => slice(padded, { begin: [0, from, 0], size: [-1, 4, -1], step: [1, 2, 1] });
    const [first, second] = [every(0), every(1)];
    const pairs = {
      concat: concat([first, second], { axis: 2 }),
      mean: mul(add(first, second), 0.5),
      max: add(second, relu(sub(first, second))),
    };
    const parameters = drawnParameters(layer, [2, 7, 3]);
    const both = lstm({ units: 4, bidirectional: true });
    const expected = both.run(pairs[pooling], givenScope(parameters), {}, 'pyramidal.layer1').output;
    expectEqual([layer(x, givenScope(parameters))], [expected], pooling === 'max' ? F64 : EXACT);
  });

  test('padded sequences: every one as if it stood alone', () => {
    const layer = pyramidal({ units: 3, layers: 2 });
    const parameters = givenScope(drawnParameters(layer, [2, 7, 3]));
    const x = drawn(1, 2, 7, 3);
    const { output, lengths } = layer.run(x, parameters, { lengths: constant(Int32Array.of(7, 5)) });
    expect(numbers(lengths as Value)).toEqual([2, 2]);
    const second = layer(slice(x, { begin: [1, 0, 0], size: [1, 5, -1] }), parameters);
    expectEqual([slice(output, { begin: [1, 0, 0], size: [1, -1, -1] })], [second], F64);
  });

  test('numeric gradients', () => {
    expect(layerError(pyramidal({ units: 2, layers: 2 }) as never, [1, 5, 2])).toBeLessThan(numeric);
  });
});

describe('R-14 sequences of unequal length', () => {
  const layers: [string, RecurrentLayer<never>][] = [
    ['rnn', rnn({ units: 4 }) as never],
    ['lstm', lstm({ units: 4, bidirectional: true, layers: 2 }) as never],
    ['gru', gru({ units: 4, sequences: false, reverse: true }) as never],
    ['stackRnn', stackRnn({ units: 4, depth: 3 }) as never],
    ['a cell whose state is not its output', doubled({ bidirectional: true, sequences: false }) as never],
  ];
  const lengths = [5, 1, 3];
  const given = constant(Int32Array.from(lengths));

  test.each(layers)('%s: every sequence as if it stood alone', (_, layer) => {
    const x = drawn(1, 3, 5, 2);
    const parameters = givenScope(drawnParameters(layer, [3, 5, 2]));
    const whole = layer.run(x, parameters, { lengths: given });
    lengths.forEach((length, n) => {
      const alone = layer.run(slice(x, { begin: [n, 0, 0], size: [1, length, -1] }), parameters);
      const mine = (y: Value): Value =>
        slice(y, { begin: y.shape.map((_, i) => (i ? 0 : n)), size: y.shape.map((_, i) => (i ? -1 : 1)) });
      const output = mine(whole.output);
      const there = output.shape.length === 3 ? slice(output, { begin: [0, 0, 0], size: [-1, length, -1] }) : output;
      expectEqual([there, ...leaves(whole.state).map(mine)], [alone.output, ...leaves(alone.state)], F64);
    });
  });

  test.each(layers)('%s: padded steps have no influence and no gradient', (_, layer) => {
    const x = drawn(1, 3, 5, 2);
    const parameters = drawnParameters(layer, [3, 5, 2]);
    const { output, state } = layer.run(x, givenScope(parameters), { lengths: given });
    const [dx] = evaluate(gradients(weighed([output, ...leaves(state)]), [x]));
    const isZero = (n: number, t: number): boolean =>
      [...(dx?.data ?? [])].slice((n * 5 + t) * 2, (n * 5 + t + 1) * 2).every((g) => g === 0);
    lengths.forEach((length, n) => {
      for (let t = 0; t < 5; t++) expect(isZero(n, t)).toBe(t >= length);
    });
  });

  test('a mask says the same', () => {
    const [layer, x] = [gru({ units: 4 }), drawn(1, 3, 5, 2)];
    const parameters = givenScope(drawnParameters(layer, [3, 5, 2]));
    const mask = constant({
      dtype: 'bool',
      shape: [3, 5],
      data: Uint8Array.from(lengths.flatMap((length) => [0, 1, 2, 3, 4].map((t) => Number(t < length)))),
    });
    const [byMask, byLengths] = [{ mask }, { lengths: given }].map((options) => layer.run(x, parameters, options));
    expectEqual(
      [byMask?.output as Value, ...leaves(byMask?.state ?? [])],
      [byLengths?.output as Value, ...leaves(byLengths?.state ?? [])],
      F64,
    );
  });

  test('numeric gradients', () => {
    expect(layerError(lstm({ units: 2, bidirectional: true }), [3, 5, 2], { lengths: given })).toBeLessThan(numeric);
  });
});

/** A cell of a user whose output is not its state: a running sum, and twice that. */
function doubled(options: object): RecurrentLayer<Value> {
  const cell = (total: Value, x: Value) => {
    const state = add(total, x);
    return { state, output: mul(tanh(state), 2) };
  };
  return recurrent('doubled', (x) => ({ sequence: x, state: zeroState(x, 2), cell }), options);
}

describe('the standard cells run as one op over all steps', () => {
  const opsOf = (layer: RecurrentLayer<never>, options: object = {}): string[] => {
    const { output } = layer.run(feed('x', [2, 5, 3]), new Scope(newTrace(false)), options);
    return reachable([output]).map((node) => node.op.name);
  };
  const lengths = constant(Int32Array.of(5, 2));

  test.each([
    ['lstm', lstm({ units: 4 })],
    ['lstm', lstm({ units: 4, forgetBias: 0, bias: 'double', reverse: true })],
    ['gru', gru({ units: 4 })],
    ['gru', gru({ units: 4, bias: false })],
  ])('%s', (name, layer) => {
    expect(opsOf(layer as never).filter((op) => op === name)).toEqual([name]);
    expect(opsOf(layer as never, { lengths }).filter((op) => op === name)).toEqual([name]);
  });

  test.each([
    ['peepholes', lstm({ units: 4, peephole: 'diagonal' })],
    ['coupled gates', lstm({ units: 4, coupled: true })],
    ['a gate left out', lstm({ units: 4, noOutput: true })],
    ['truncated', lstm({ units: 4, truncate: 2 })],
    ['in checkpointed chunks', lstm({ units: 4, checkpoint: 2 })],
    ['reset before', gru({ units: 4, resetAfter: false })],
    ['swapped', gru({ units: 4, update: 'swapped' })],
  ])('but not with %s', (_, layer) => {
    expect(opsOf(layer as never).filter((op) => op === 'lstm' || op === 'gru')).toEqual([]);
  });
});

describe('any cell as a layer', () => {
  /** The minimal gated unit: f = sigmoid(u_f + h W_f), h' = (1 - f) h + f tanh(u_n + h W_n). */
  const minimalGated = (units: number) =>
    recurrent('minimalGated', (x, scope) => {
      const weight = scope.param('recurrent.weight', [units, 2 * units], zeros);
      const u = matmul(x, scope.param('weight', [x.shape[2] as number, 2 * units], zeros));
      const cell = (h: Value, now: Value) => {
        const both = add(now, matmul(h, weight));
        const [forget, candidate] = [0, units].map((begin) =>
          slice(both, { begin: [0, begin], size: [-1, units] }),
        ) as [Value, Value];
        const f = sigmoid(forget);
        const next = add(mul(sub(1, f), h), mul(f, tanh(candidate)));
        return { state: next, output: next };
      };
      return { sequence: u, state: zeroState(x, units), cell };
    });

  test('numeric gradients', () => expect(layerError(minimalGated(3), [2, 4, 2])).toBeLessThan(numeric));

  test('its state goes in and out: two halves make a whole', () => {
    const layer = minimalGated(3);
    const [x, scope] = [drawn(1, 2, 6, 2), givenScope(drawnParameters(layer, [2, 6, 2]))];
    const part = (begin: number): Value => slice(x, { begin: [0, begin, 0], size: [-1, 3, -1] });
    const first = layer.run(part(0), scope);
    const second = layer.run(part(3), scope, { state: first.state });
    const whole = layer.run(x, scope);
    expectEqual(
      [concat([first.output, second.output], { axis: 1 }), ...leaves(second.state)],
      [whole.output, ...leaves(whole.state)],
    );
  });

  test('called or run, a layer object has one set of parameters, under the name of its first use', () => {
    const layer = gru({ units: 3, layers: 2, bidirectional: true, bias: false });
    const trace = newTrace(false);
    const scope = new Scope(trace);
    const [x, other] = [feed('x', [2, 5, 3]), feed('other', [1, 4, 3])];
    const y = layer(x, scope, 'reader');
    const { output } = layer.run(other, scope);
    expect([y.name, y.shape, output.shape]).toEqual(['reader', [2, 5, 6], [1, 4, 6]]);
    expect([...trace.declarations.keys()]).toEqual(
      ['layer1', 'layer2'].flatMap((part) =>
        ['forward', 'backward'].flatMap((way) => [
          `reader.${part}.${way}.recurrent.weight`,
          `reader.${part}.${way}.weight`,
        ]),
      ),
    );
  });
});
