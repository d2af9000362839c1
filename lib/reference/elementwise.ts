/** Elementwise primitives in float64: one scalar function each, applied under the broadcasting rule. */
import { type Compute, type Family, generate, offsetOf, outputShape, type Tensor64 } from './tensor64';

/** erf x = 2/sqrt(pi) * e^(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)); all terms have one sign. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = x;
  for (let n = 1; n < 300; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** The nearest whole number, halves to the even one. */
function roundToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const scalarFunctions: Readonly<Record<string, (...operands: number[]) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  maximum: (x, y) => Math.max(x, y),
  minimum: (x, y) => Math.min(x, y),
  mod: (x, y) => x - y * Math.floor(x / y),
  equal: (x, y) => Number(x === y),
  less: (x, y) => Number(x < y),
  lessEqual: (x, y) => Number(x <= y),
  logicalAnd: (x, y) => Number(x !== 0 && y !== 0),
  logicalOr: (x, y) => Number(x !== 0 || y !== 0),
  logicalNot: (x) => Number(x === 0),
  isFinite: (x) => Number(Number.isFinite(x)),
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  round: roundToEven,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  erf,
  sin: Math.sin,
  cos: Math.cos,
  where: (condition, x, y) => (condition !== 0 ? x : y),
  cast: (x) => x,
  broadcastTo: (x) => x,
};

/** The number of `x` that stands at `index` of the broadcast shape. */
function broadcastAt(x: Tensor64, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length).map((i, axis) => (x.shape[axis] === 1 ? 0 : i));
  return x.data[offsetOf(own, x.shape)] as number;
}

const broadcast =
  (scalar: (...operands: number[]) => number): Compute =>
  (node, ...inputs) => [generate(outputShape(node), (index) => scalar(...inputs.map((x) => broadcastAt(x, index))))];

export const elementwise: Family = Object.fromEntries(
  Object.entries(scalarFunctions).map(([name, scalar]) => [name, broadcast(scalar)]),
);
