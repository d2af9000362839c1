/** Chapter R: the printed numbers of recurrent cells, their gradients, and the laws that layers obey, in float64. */
import { gradients } from '../../lib/compiler/differentiate';
import {
  coupledLstmCell,
  elmanCell,
  gruCell,
  type LstmState,
  type LstmVariant,
  lstmCell,
  moveStack,
  peepholeLstmCell,
  relu,
  stackCell,
} from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import { reachable, type Value } from '../../lib/graph/value';
import { zeros } from '../../lib/initializers';
import { gru, lstm, pyramidal, type RecurrentLayer, recurrent, rnn, stackRnn, zeroState } from '../../lib/layers';
import { concat } from '../../lib/ops/concat';
import { add, broadcastTo, mul, sigmoid, sub, tanh } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { type Cell, scan } from '../../lib/ops/scan';
import { reshape, stopGradient } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { EXACT, expectClose, expectHand, F64, type Tolerance } from '../closeness';
import { givenScope } from '../golden/given-scope';
import { initialNumbers, newTrace } from '../pure/tracing';
import { numbers } from './numbers';
import { drawn, drawnParameters, half, layerError, leaves, parameterCount, shapesOf, weighed } from './recurrent-runs';

const numeric = 1e-6;
const row = (...values: number[]): Value => constant([values]);
const alike = (count: number, value: number): Value => broadcastTo(constant(value), [1, count]);
const runOf = <S>(cell: (state: S, x: Value) => { state: S }, state: S, x: Value): S => cell(state, x).state;
const backward = (x: Value): Value =>
  slice(x, {
    begin: x.shape.map((_, i) => (i === 1 ? -1 : 0)),
    size: x.shape.map(() => -1),
    step: x.shape.map((_, i) => (i === 1 ? -1 : 1)),
  });

function expectEqual(actual: readonly Value[], expected: readonly Value[], tolerance: Tolerance = EXACT): void {
  const found = evaluate([...actual, ...expected]);
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expectClose(found[i] as never, found[i + actual.length] as never, tolerance);
}

describe('R-01 simple recurrent network', () => {
  const x = mul(constant([[[1], [2]]]), 0.5);

  test('two steps of one unit', () => {
    expectHand(numbers(scan(elmanCell(row(0.8)), row(0), x).outputs), [0.462117, 0.878622]);
  });

  test('as a layer: first numbers of the weights by initializer', () => {
    const trace = newTrace(false);
    const half = () => constant([[0.5]]);
    const layer = rnn({ units: 1, bias: false, weightInitializer: half, recurrentInitializer: () => row(0.8) });
    const y = layer(constant([[[1], [2]]]), new Scope(trace));
    expectHand(numbers(y, initialNumbers(trace)), [0.462117, 0.878622]);
  });

  test('parameters', () => {
    expect(parameterCount(rnn({ units: 20, bias: 'double' }), 10)).toBe(640);
    expect(shapesOf(rnn({ units: 20, bias: 'double' }), [2, 3, 10])).toEqual({
      'rnn.weight': [10, 20],
      'rnn.recurrent.bias': [20],
      'rnn.bias': [20],
      'rnn.recurrent.weight': [20, 20],
    });
    expect(parameterCount(rnn({ units: 20 }), 10)).toBe(620);
    expect(parameterCount(rnn({ units: 20, bias: false }), 10)).toBe(600);
  });

  test('the first weights are uniform in +-1 / sqrt(units)', () => {
    const trace = newTrace(false);
    rnn({ units: 64 })(feed('x', [1, 1, 30]), new Scope(trace));
    for (const { data } of initialNumbers(trace).values()) {
      const [least, most] = [Math.min(...data), Math.max(...data)];
      expect(least).toBeGreaterThanOrEqual(-0.125);
      expect(most).toBeLessThan(0.125);
      expect(most - least).toBeGreaterThan(0.2);
    }
  });

  test('numeric gradients', () =>
    expect(layerError(rnn({ units: 3, bias: 'double' }), [2, 7, 2])).toBeLessThan(numeric));
});

describe('R-02 back-propagation through time', () => {
  test('dU and dW of the last state', () => {
    const [u, w, x] = [feed('u', [1, 1]), feed('w', [1, 1]), constant([[[1], [2]]])];
    const { state } = scan(elmanCell(w), row(0), matmul(x, u));
    const given = new Map([
      ['u', tensor64([[0.5]])],
      ['w', tensor64([[0.8]])],
    ]);
    const slopes = evaluate(gradients(sum(state), [u, w]), given);
    expectHand(
      slopes.flatMap(({ data }) => [...data]),
      [0.599508, 0.105373],
    );
  });

  test('equals the formulas: errors go back through W and down to U', () => {
    const [T, F, H] = [7, 2, 3];
    const [x, u, w, c] = [half(1, [1, T, F]), half(2, [F, H]), half(3, [H, H]), half(4, [1, T, H])];
    const at = (m: { data: Float64Array; shape: readonly number[] }, i: number, j: number): number =>
      m.data[i * (m.shape.at(-1) as number) + j] as number;
    const units = Array.from({ length: H }, (_, j) => j);
    const s: number[][] = [units.map(() => 0)];
    for (let t = 0; t < T; t++) {
      const before = s[t] as number[];
      s.push(
        units.map((j) => {
          const input = [0, 1].reduce((total, i) => total + at(x, t, i) * at(u, i, j), 0);
          return Math.tanh(units.reduce((total, i) => total + (before[i] as number) * at(w, i, j), input));
        }),
      );
    }
    const [dU, dW] = [new Array<number>(F * H).fill(0), new Array<number>(H * H).fill(0)];
    let later = units.map(() => 0);
    for (let t = T - 1; t >= 0; t--) {
      const after = s[t + 1] as number[];
      const delta = units.map((j) => (at(c, t, j) + (later[j] as number)) * (1 - (after[j] as number) ** 2));
      for (const j of units) {
        for (let i = 0; i < F; i++) (dU[i * H + j] as number) += at(x, t, i) * (delta[j] as number);
        for (const i of units) (dW[i * H + j] as number) += ((s[t] as number[])[i] as number) * (delta[j] as number);
      }
      later = units.map((i) => units.reduce((total, j) => total + at(w, i, j) * (delta[j] as number), 0));
    }
    const [fu, fw] = [feed('u', [F, H]), feed('w', [H, H])];
    const { outputs } = scan(elmanCell(fw), zeroState(feed('x', [1, T, F]), H), matmul(feed('x', [1, T, F]), fu));
    const slopes = evaluate(
      gradients(outputs, [fu, fw], feed('c', [1, T, H])),
      new Map([
        ['x', x],
        ['u', u],
        ['w', w],
        ['c', c],
      ]),
    );
    expectClose(slopes[0] as never, tensor64(dU, [F, H]), F64);
    expectClose(slopes[1] as never, tensor64(dW, [H, H]), F64);
  });
});

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

describe('R-03 truncated back-propagation', () => {
  const input = [2, 6, 3];
  const slopesOf = (truncate?: number): Value[] => {
    const layer = gru({ units: 4, truncate, resetAfter: false });
    const parameters = drawnParameters(layer, input);
    const x = drawn(5, ...input);
    return gradients(weighed([layer(x, givenScope(parameters))]), [x, ...parameters.values()]);
  };

  test('cut after T steps or more it is the whole gradient', () => {
    expectEqual(slopesOf(6), slopesOf());
    expectEqual(slopesOf(7), slopesOf());
  });

  test('cut after each step it is that of a detached state', () => {
    const [w, u] = [drawn(1, 4, 4), drawn(2, 2, 6, 4)];
    const plain = elmanCell(w);
    const detached: typeof plain = (h, x) => plain(stopGradient(h), x);
    const of = (cell: typeof plain, truncate?: number): Value[] =>
      gradients(weighed([scan(cell, drawn(3, 2, 4), u, { truncate }).outputs]), [w, u]);
    expectEqual(of(plain, 1), of(detached), F64);
    const [[cut], [whole]] = [of(plain, 2), of(plain)].map((slopes) => evaluate(slopes)) as never as [
      [{ data: Float64Array }],
      [{ data: Float64Array }],
    ];
    expect(cut.data).not.toEqual(whole.data);
  });

  test('the numbers do not change', () => {
    const parameters = drawnParameters(gru({ units: 4 }), input);
    const of = (truncate?: number): Value => gru({ units: 4, truncate })(drawn(5, ...input), givenScope(parameters));
    expectEqual([of(2)], [of()], F64);
  });
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

const before: LstmState = { hidden: row(0.5), cell: row(0.5) };
const expectLstm = (cell: Cell<LstmState, Value, Value>, parts: number, [c, h]: readonly [number, number]): void => {
  const { cell: next, hidden } = runOf(cell, before, alike(parts, 0.5));
  expectHand([...numbers(next), ...numbers(hidden)], [c, h]);
};

describe('R-07 LSTM', () => {
  test('one step', () => {
    expectHand([1 / (1 + Math.exp(-0.75)), Math.tanh(0.75)], [0.679179, 0.635149]);
    expectLstm(lstmCell(alike(4, 0.5)), 4, [0.770969, 0.439763]);
  });

  test('parameters', () => {
    expect(parameterCount(lstm({ units: 20, bias: 'double' }), 10)).toBe(2560);
    expect(parameterCount(lstm({ units: 20 }), 10)).toBe(2480);
  });

  test('numeric gradients', () => {
    expect(layerError(lstm({ units: 3, bias: 'double' }), [2, 4, 2])).toBeLessThan(numeric);
    expect(layerError(lstm({ units: 3, bidirectional: true, layers: 2 }), [2, 3, 2])).toBeLessThan(numeric);
  });
});

describe('R-08 peephole LSTM', () => {
  const [w, p] = [alike(4, 0.5), constant([0.5])];

  test('one step', () => {
    expectLstm(peepholeLstmCell(w, { input: p, forget: p, output: p }), 4, [0.82986, 0.51862]);
    const matrix = row(0.5);
    expectLstm(peepholeLstmCell(w, { input: matrix, forget: matrix, output: matrix }), 4, [0.82986, 0.51862]);
  });

  test('weights of 0 change nothing', () => {
    const zero = broadcastTo(constant(0), [3]);
    const [weight, u, state] = [drawn(1, 3, 12), drawn(2, 2, 12), { hidden: drawn(3, 2, 3), cell: drawn(4, 2, 3) }];
    const blind = runOf(peepholeLstmCell(weight, { input: zero, forget: zero, output: zero }), state, u);
    expectEqual(leaves(blind), leaves(runOf(lstmCell(weight), state, u)));
  });

  test('the layer declares them', () => {
    expect(shapesOf(lstm({ units: 4, peephole: 'diagonal', noInput: true }), [1, 2, 3])).toMatchObject({
      'lstm.peephole.forget': [4],
      'lstm.peephole.output': [4],
      'lstm.weight': [3, 12],
    });
    expect(shapesOf(lstm({ units: 4, peephole: 'full' }), [1, 2, 3])).toMatchObject({ 'lstm.peephole.input': [4, 4] });
  });

  test.each(['diagonal', 'full'] as const)('numeric gradients, %s', (peephole) => {
    expect(layerError(lstm({ units: 3, peephole }), [2, 3, 2])).toBeLessThan(numeric);
  });
});

describe('R-09 coupled gates', () => {
  test('one step', () => expectLstm(coupledLstmCell(alike(3, 0.5)), 3, [0.543359, 0.336551]));

  test('three quarters of the parameters', () => {
    expect(parameterCount(lstm({ units: 20, coupled: true }), 10)).toBe(0.75 * 2480);
  });

  test('numeric gradients', () => {
    expect(layerError(lstm({ units: 3, coupled: true, peephole: 'diagonal' }), [2, 3, 2])).toBeLessThan(numeric);
  });
});

describe('R-10 forget-gate bias', () => {
  const slopeAfter = (forgetBias: number, options: object = {}): number[] => {
    const trace = newTrace(false);
    const initializers = { weightInitializer: zeros, recurrentInitializer: zeros, biasInitializer: zeros };
    const layer = lstm({ units: 1, forgetBias, ...initializers, ...options });
    const first = row(0.3);
    const { state } = layer.run(feed('x', [1, 40, 1]), new Scope(trace), { state: [{ hidden: row(0), cell: first }] });
    const x = new Map([['x', half(1, [1, 40, 1])]]);
    const [slope] = gradients(sum((state[0] as LstmState).cell), [first]) as [Value];
    return [...(evaluate([slope], x, initialNumbers(trace))[0]?.data ?? [])];
  };

  test('what is left of the cell after 40 steps, at the start', () => {
    expectHand(slopeAfter(0), [9.094947e-13]);
    expectHand(slopeAfter(1), [3.614824e-6]);
    expectHand(slopeAfter(3), [0.143203]);
  });

  test('the total of both biases', () => expectHand(slopeAfter(1, { bias: 'double' }), [3.614824e-6]));

  test('relative as well, since 9e-13 is below the absolute tolerance', () => {
    expect(slopeAfter(0)[0]).toBeCloseTo(2 ** -40, 20);
    expect((slopeAfter(1)[0] as number) / 3.614824e-6).toBeCloseTo(1, 6);
  });

  test('1 by default, on the forget gate alone', () => {
    const trace = newTrace(false);
    lstm({ units: 2, biasInitializer: zeros })(feed('x', [1, 1, 1]), new Scope(trace));
    expect([...(initialNumbers(trace).get('lstm.bias')?.data ?? [])]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  });
});

describe('R-11 gates left out', () => {
  const gates: [keyof LstmVariant, number][] = [
    ['noInput', 0],
    ['noForget', 1],
    ['noOutput', 3],
  ];
  test.each(gates)('%s is a gate that is always open', (name, position) => {
    const [weight, u] = [drawn(1, 3, 12), drawn(2, 2, 12)];
    const state = { hidden: drawn(3, 2, 3), cell: drawn(4, 2, 3) };
    const without = (x: Value): Value => {
      const part = (i: number): Value => slice(x, { begin: [0, 3 * i], size: [-1, 3] });
      return concat([0, 1, 2, 3].filter((i) => i !== position).map(part), { axis: 1 });
    };
    const open = Float32Array.from({ length: 12 }, (_, i) => (Math.floor(i / 3) === position ? 1e4 : 0));
    const left = runOf(lstmCell(without(weight), { [name]: true }), state, without(u));
    expectEqual(leaves(left), leaves(runOf(lstmCell(weight), state, add(u, constant(open)))), F64);
  });
});

describe('R-12 GRU', () => {
  const h = row(0.5);
  const step = (options: Parameters<typeof gruCell>[1]): number[] =>
    numbers(runOf(gruCell(alike(3, 0.5), options), h, alike(3, 0.5)));

  test('one step in every convention', () => {
    expectHand(step({}), [0.52722]);
    expectHand(step({ update: 'swapped' }), [0.557625]);
    expectHand(step({ bias: constant([0.1]) }), [0.540988]);
    expectHand(step({ bias: constant([0.1]), resetAfter: false }), [0.5471]);
  });

  test('parameters', () => {
    expect(parameterCount(gru({ units: 20, bias: 'double' }), 10)).toBe(1920);
    expect(parameterCount(gru({ units: 20 }), 10)).toBe(1880);
    expect(parameterCount(gru({ units: 20, resetAfter: false }), 10)).toBe(1860);
    expect(parameterCount(gru({ units: 20, bias: false }), 10)).toBe(1800);
  });

  test.each([
    ['after', gru({ units: 3 })],
    ['before', gru({ units: 3, resetAfter: false, update: 'swapped' })],
    ['two biases', gru({ units: 3, bias: 'double' })],
  ])('numeric gradients, %s', (_, layer) => expect(layerError(layer, [2, 4, 2])).toBeLessThan(numeric));
});

describe('R-13 stack networks', () => {
  const stackOf = (...cells: number[]): Value => constant([[cells]]);

  test('a mixture of the actions', () => {
    const moved = moveStack(stackOf(2, 3, -1), constant([[[0.6]]]), constant([[[0.7, 0.2, 0.1]]]));
    expectHand(numbers(moved), [1.22, 1.5, 1.8]);
  });

  test('hand-set weights count: after n pushes and n pops the top is empty', () => {
    // input [1, 0] for a, [0, 1] for b; the hidden units say which it was, and the actions follow them
    const far = constant([
      [80, -80],
      [-80, 80],
    ]);
    const cell = stackCell({
      weight: broadcastTo(constant(0), [2, 2]),
      topWeight: broadcastTo(constant(0), [1, 2]),
      actionWeight: constant([
        [40, -40, -40],
        [-40, 40, -40],
      ]),
      valueWeight: constant([[40], [40]]),
    });
    const empty = { hidden: broadcastTo(constant(0), [1, 2]), stack: broadcastTo(constant(-1), [1, 1, 20]) };
    for (let n = 1; n <= 19; n++) {
      const x = constant([[...Array(n).fill([1, 0]), ...Array(n).fill([0, 1])]]);
      const both = [n, 2 * n].map((steps) => {
        const { state } = scan(cell, empty, matmul(slice(x, { begin: [0, 0, 0], size: [-1, steps, -1] }), far));
        return slice(state.stack, { begin: [0, 0, 0], size: [1, 1, 1] });
      });
      expect(both.flatMap((top) => numbers(top))).toEqual([1, -1]);
    }
  });

  test('parameters and numeric gradients', () => {
    const layer = stackRnn({ units: 3, stacks: 2, depth: 4, top: 2 });
    expect(shapesOf(layer, [1, 1, 2])).toEqual({
      'stackRnn.weight': [2, 3],
      'stackRnn.bias': [3],
      'stackRnn.recurrent.weight': [3, 3],
      'stackRnn.top.weight': [4, 3],
      'stackRnn.action.weight': [3, 6],
      'stackRnn.value.weight': [3, 2],
    });
    expect(layerError(layer, [2, 4, 2])).toBeLessThan(numeric);
    expect(layerError(stackRnn({ units: 2, depth: 1 }), [1, 3, 2])).toBeLessThan(numeric);
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
