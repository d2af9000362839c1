/** A line search whose step falls far enough and ends flat enough (Nocedal and Wright 2006, algorithms 3.5 and 3.6). */
import { along, type Closure, dot, type Evaluated } from './closure';

/** A point of the line: the step, and what the closure says there. */
export interface LinePoint extends Evaluated {
  readonly step: number;
  /** The derivative along the line. */
  readonly slope: number;
}

export interface WolfeOptions {
  /** Share of the first slope by which the value must fall. Default 1e-4. */
  readonly c1?: number;
  /** Share of the first slope that may remain. Default 0.9. */
  readonly c2?: number;
  /** Evaluations at most. Default 25. */
  readonly calls?: number;
}

/** The minimum of the cubic through values and slopes of two points, kept away from the ends of the bracket. */
function between(a: LinePoint, b: LinePoint): number {
  const [low, high] = [Math.min(a.step, b.step), Math.max(a.step, b.step)];
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const square = d1 * d1 - a.slope * b.slope;
  const middle = (low + high) / 2;
  if (!(square >= 0)) return middle;
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(square);
  const found = b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
  const margin = 0.1 * (high - low);
  return Number.isFinite(found) ? Math.min(Math.max(found, low + margin), high - margin) : middle;
}

/**
 * A step t along `direction` with f(x + t d) <= f(x) + c1 t g'd and |g(x + t d)'d| <= c2 |g'd|: the strong Wolfe conditions.
 * The bracket is widened until it holds such a step, then narrowed by cubic interpolation.
 *
 * @returns the point, the best one seen where none fulfils both, and the number of evaluations
 */
export async function strongWolfe(
  closure: Closure,
  x: Float64Array,
  direction: Float64Array,
  start: Evaluated,
  first: number,
  { c1 = 1e-4, c2 = 0.9, calls: most = 25 }: WolfeOptions = {},
): Promise<{ point: LinePoint; calls: number }> {
  let calls = 0;
  const slope = dot(start.gradient, direction);
  const evaluate = async (step: number): Promise<LinePoint> => {
    calls++;
    const found = await closure(along(x, step, direction));
    return { ...found, gradient: Float64Array.from(found.gradient), step, slope: dot(found.gradient, direction) };
  };
  const falls = (point: LinePoint) => point.value <= start.value + c1 * point.step * slope;
  const isFlat = (point: LinePoint) => Math.abs(point.slope) <= -c2 * slope;

  const origin: LinePoint = { ...start, step: 0, slope };
  /** `low` falls and is the lowest; a step that fulfils both conditions lies between it and `high`. */
  const zoom = async (low: LinePoint, high: LinePoint): Promise<LinePoint> => {
    while (calls < most && Math.abs(high.step - low.step) * Math.abs(slope) > 1e-15) {
      const point = await evaluate(between(low, high));
      if (!falls(point) || point.value >= low.value) high = point;
      else if (isFlat(point)) return point;
      else {
        if (point.slope * (high.step - low.step) >= 0) high = low;
        low = point;
      }
    }
    return low;
  };

  let before = origin;
  let point = await evaluate(first);
  for (;;) {
    const isHigher = !falls(point) || (before !== origin && point.value >= before.value);
    if (isHigher || !Number.isFinite(point.value)) return { point: await zoom(before, point), calls };
    if (isFlat(point)) return { point, calls };
    if (point.slope >= 0) return { point: await zoom(point, before), calls };
    if (calls >= most) return { point, calls };
    const next = Math.min(10 * point.step, Math.max(1.01 * point.step, extrapolated(before, point)));
    before = point;
    point = await evaluate(next);
  }
}

/** Where the slope, as a line through two points, is 0; twice the step where it never is. */
function extrapolated(a: LinePoint, b: LinePoint): number {
  const found = b.step - (b.slope * (b.step - a.step)) / (b.slope - a.slope);
  return Number.isFinite(found) && found > b.step ? found : 2 * b.step;
}
