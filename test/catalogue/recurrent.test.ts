/** Chapter R: the printed numbers of recurrent cells, their gradients, and the laws that they obey, in float64. */
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
  stackCell,
} from '../../lib/functions';
import { Scope } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { zeros } from '../../lib/initializers';
import { gru, lstm, rnn, stackRnn, zeroState } from '../../lib/layers';
import { concat } from '../../lib/ops/concat';
import { add, broadcastTo, mul } from '../../lib/ops/elementwise';
import { matmul } from '../../lib/ops/matmul';
import { sum } from '../../lib/ops/reduce';
import { type Cell, scan } from '../../lib/ops/scan';
import { stopGradient } from '../../lib/ops/shape';
import { slice } from '../../lib/ops/slice';
import { constant, feed } from '../../lib/ops/source';
import { evaluate, tensor64 } from '../../lib/reference';
import { expectClose, expectHand, F64 } from '../closeness';
import { givenScope } from '../golden/given-scope';
import { initialNumbers, newTrace } from '../pure/tracing';
import { numbers } from './numbers';
import {
  alike,
  drawn,
  drawnParameters,
  expectEqual,
  half,
  layerError,
  leaves,
  numeric,
  parameterCount,
  row,
  runOf,
  shapesOf,
  weighed,
} from './recurrent-runs';

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
