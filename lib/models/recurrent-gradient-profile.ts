/** How gradients fade or grow on their way back through time (Bengio et al. 1994; Pascanu et al. 2013). */
import { gradients } from '../compiler/differentiate';
import { identity, relu, sigmoid, tanh } from '../functions/activations';
import { elmanCell } from '../functions/elman-cell';
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { sameShape, showShape, type Tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { add, broadcastTo } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { scan } from '../ops/scan';
import { constant, feed } from '../ops/source';
import { compute } from './compute';

export interface GradientProfileOptions {
  /** W [H, H], e.g. `session.read('rnn.recurrent.weight')`. */
  readonly weight: Tensor;
  /** The input's part of the steps, x U + b: [N, T, H]. */
  readonly sequence: Tensor;
  /** Default 'tanh'. */
  readonly activation?: 'tanh' | 'sigmoid' | 'relu' | 'identity';
  /** The loss, a scalar of the last state [N, H]. Default the sum of its elements. */
  readonly loss?: (state: Value) => Value;
}

/** How a gradient grows or shrinks on its way back through time. */
export interface GradientProfile {
  /** The norms of dL/dh_t for t = 0 (the initial state, zeros) to T. */
  readonly norms: readonly number[];
  /** What they cannot exceed: (gamma * largest singular value of W)^(T - t) times the last norm. */
  readonly bounds: readonly number[];
  /** 'vanishing' or 'exploding' when the first norm is below a thousandth or above the thousandfold of the last. */
  readonly verdict: 'vanishing' | 'exploding' | 'steady';
}

/** Each activation and gamma, the steepest slope that it has. */
const activations = {
  tanh: { apply: tanh, gamma: 1 },
  sigmoid: { apply: sigmoid, gamma: 0.25 },
  relu: { apply: relu, gamma: 1 },
  identity: { apply: identity, gamma: 1 },
} as const;

const norm = (numbers: ArrayLike<number>): number =>
  Math.sqrt(Array.from(numbers).reduce((total, number) => total + number * number, 0));

/** The largest singular value of a square matrix, by power iteration: |W' W x| / |x| settles on its square. */
function largestSingularValue({ shape: [size = 0], data }: Tensor): number {
  const entry = (i: number, j: number): number => data[i * size + j] as number;
  const units = Array.from({ length: size }, (_, i) => i);
  const times = (x: readonly number[], at: (i: number, j: number) => number): number[] =>
    units.map((i) => units.reduce((total, j) => total + at(i, j) * (x[j] as number), 0));
  let x = units.map((i) => 1 + Math.sin(i + 1) / 2);
  let [before, square] = [-1, 0];
  for (let round = 0; round < 1000 && Math.abs(square - before) > 1e-13 * square; round++) {
    const length = norm(x);
    x = times(
      times(
        x.map((value) => value / length),
        entry,
      ),
      (i, j) => entry(j, i),
    );
    [before, square] = [square, norm(x)];
  }
  return Math.sqrt(square);
}

const threshold = 1000;

/**
 * Runs a simple recurrent network and takes the gradient of a loss on its last state with respect to every state before:
 * since dh_T/dh_t is the product of diag(activation') W over the steps between, the norms shrink or grow like powers.
 *
 * @throws ConvoltError `SHAPE` when weight and sequence do not fit, `OPTION` for an unknown activation
 * @example
 * const weight = session.read('rnn.recurrent.weight');
 * const { norms, verdict } = await recurrentGradientProfile({ weight, sequence });
 */
export async function recurrentGradientProfile(options: GradientProfileOptions): Promise<GradientProfile> {
  const where = 'recurrentGradientProfile';
  expectOptions(where, options, ['weight', 'sequence', 'activation', 'loss']);
  const { weight, sequence, activation = 'tanh', loss = (state: Value) => sum(state) } = options;
  expectChoice(where, 'activation', activation, Object.keys(activations));
  const [n = 0, steps = 0, units = 0] = sequence.shape;
  expect(sequence.shape.length === 3 && steps > 0, 'SHAPE', () => ({
    where,
    what: 'the sequence',
    expected: '[N, T, H] with T of 1 or more',
    actual: showShape(sequence.shape),
  }));
  expect(sameShape(weight.shape, [units, units]), 'SHAPE', () => ({
    where,
    what: 'the weight',
    expected: showShape([units, units]),
    actual: showShape(weight.shape),
  }));
  const { apply, gamma } = activations[activation];
  const zeros = (...shape: number[]): Value => broadcastTo(constant(0), shape);
  const [initial, probes] = [zeros(n, units), zeros(n, steps, units)]; // a probe is added to each state: its gradient is the state's
  const feeds = [feed('weight', weight.shape), feed('sequence', sequence.shape)] as const;
  const plain = elmanCell(feeds[0], apply);
  const cell = (hidden: Value, { u, probe }: { u: Value; probe: Value }) => {
    const next = add(plain(hidden, u).state, probe);
    return { state: next, output: next };
  };
  const { state } = scan(cell, initial, { u: feeds[1], probe: probes });
  const slopes = gradients(loss(state), [initial, probes]);
  const [first, rest] = (await compute(slopes, feeds, { weight, sequence })) as [Tensor, Tensor];
  const ofStep = (t: number): number[] => Array.from(rest.data).filter((_, i) => Math.floor(i / units) % steps === t);
  const norms = [norm(first.data), ...Array.from({ length: steps }, (_, t) => norm(ofStep(t)))];
  const last = norms[steps] as number;
  const factor = gamma * largestSingularValue(weight);
  const ratio = (norms[0] as number) / last;
  return {
    norms,
    bounds: norms.map((_, t) => factor ** (steps - t) * last),
    verdict: ratio < 1 / threshold ? 'vanishing' : ratio > threshold ? 'exploding' : 'steady',
  };
}
