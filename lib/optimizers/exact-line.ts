/** A line search that goes to the minimum of the line: where the slope along it is 0, by the secant method. */
import { along, type Closure, dot, type Evaluated } from './closure';
import type { LinePoint } from './strong-wolfe';

/**
 * The minimum of a convex function along `direction`. The slope of a quadratic function is a line, so that two evaluations are
 * enough: with exact minima, BFGS solves a quadratic of n variables in n steps.
 */
export async function exactLine(
  closure: Closure,
  x: Float64Array,
  direction: Float64Array,
  start: Evaluated,
  first: number,
): Promise<{ point: LinePoint; calls: number }> {
  const slope = dot(start.gradient, direction);
  const evaluate = async (step: number): Promise<LinePoint> => {
    const found = await closure(along(x, step, direction));
    return { ...found, gradient: Float64Array.from(found.gradient), step, slope: dot(found.gradient, direction) };
  };
  let before: LinePoint = { ...start, step: 0, slope };
  let point = await evaluate(first);
  let calls = 1;
  while (calls < 25 && Math.abs(point.slope) > 1e-12 * Math.abs(slope) && point.slope !== before.slope) {
    const step = point.step - (point.slope * (point.step - before.step)) / (point.slope - before.slope);
    before = point;
    point = await evaluate(step);
    calls++;
  }
  return { point, calls };
}
