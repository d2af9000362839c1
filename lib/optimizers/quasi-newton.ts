/** The loop that L-BFGS and BFGS share: a direction, a step along it, and what both have taught about the curvature. */
import { expectChoice, expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { along, type Closure, dot, largest, type Minimum, minus } from './closure';
import { exactLine } from './exact-line';
import { strongWolfe } from './strong-wolfe';

export interface QuasiNewtonOptions {
  /** Iterations at most. Default 100. */
  readonly iterations?: number;
  /** Evaluations of the closure at most. Default 1.25 times the iterations. */
  readonly calls?: number;
  /** It has converged when no element of the gradient is larger. Default 1e-7. */
  readonly tolerance?: number;
  /** It also stops when neither x nor the value changes by more. Default 1e-12. */
  readonly change?: number;
  /** The length of the first step, in gradients. Default 1. */
  readonly rate?: number;
  /** How far a step goes. Default 'strongWolfe'; 'exact', to the minimum of the line, suits quadratic functions. */
  readonly lineSearch?: 'strongWolfe' | 'exact';
}

export const quasiNewtonOptions = ['iterations', 'calls', 'tolerance', 'change', 'rate', 'lineSearch'];

/** Knows the inverse of the Hessian, more or less. */
export interface Curvature {
  /** The inverse times a gradient. */
  times(gradient: Float64Array): Float64Array;
  /** Learns from a step s and the change y of the gradient that it made, with y's > 0. */
  learn(s: Float64Array, y: Float64Array): void;
}

/** Minimises by steps along -H g. */
export async function quasiNewton(
  where: string,
  closure: Closure,
  start: ArrayLike<number>,
  curvature: Curvature,
  options: QuasiNewtonOptions,
): Promise<Minimum> {
  expectOptions(where, options, [...quasiNewtonOptions, 'history']);
  const { iterations: most = 100, tolerance = 1e-7, change = 1e-12, rate = 1, lineSearch = 'strongWolfe' } = options;
  const { calls: mostCalls = Math.ceil(1.25 * most) } = options;
  expectWhole(where, 'iterations', most, 1);
  expectWhole(where, 'calls', mostCalls, 1);
  expectNumber(where, 'tolerance', tolerance, { least: 0 });
  expectNumber(where, 'change', change, { least: 0 });
  expectNumber(where, 'rate', rate, { above: 0 });
  expectChoice(where, 'lineSearch', lineSearch, ['strongWolfe', 'exact']);
  const search = lineSearch === 'exact' ? exactLine : strongWolfe;
  let x: Float64Array = Float64Array.from(start);
  const found = await closure(x);
  let here = { value: found.value, gradient: Float64Array.from(found.gradient) };
  let [iterations, calls] = [0, 1];
  let isStuck = false;
  while (iterations < most && calls < mostCalls && largest(here.gradient) > tolerance && !isStuck) {
    let direction: Float64Array = curvature.times(here.gradient).map((value) => -value);
    if (!(dot(direction, here.gradient) < 0)) direction = here.gradient.map((value) => -value);
    const sum = here.gradient.reduce((total, value) => total + Math.abs(value), 0);
    const first = iterations === 0 ? Math.min(1, 1 / sum) * rate : rate;
    const { point, calls: spent } = await search(closure, x, direction, here, first);
    calls += spent;
    iterations++;
    const next = along(x, point.step, direction);
    const [s, y] = [minus(next, x), minus(point.gradient, here.gradient)];
    if (dot(s, y) > 1e-10 * dot(y, y)) curvature.learn(s, y);
    isStuck = largest(s) <= change || Math.abs(point.value - here.value) < change;
    x = next;
    here = { value: point.value, gradient: Float64Array.from(point.gradient) };
  }
  const slope = largest(here.gradient);
  return { x, value: here.value, slope, iterations, calls, converged: slope <= tolerance || isStuck };
}
