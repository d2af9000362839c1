/** Recurrent networks in float64, one unit of one sequence at one step after the other. */
import { attributesOf, type Compute, type Family, type Tensor64 } from './tensor64';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The time order of each sequence. */
interface Order {
  readonly n: number;
  readonly steps: number;
  readonly hidden: number;
  /** The times of sequence i in the order in which it runs. */
  readonly timesOf: (i: number) => number[];
}

function orderOf(shape: readonly number[], reverse: boolean, lengths: Tensor64 | undefined): Order {
  const [n, steps, hidden] = shape as [number, number, number];
  const timesOf = (i: number) => {
    const times = Array.from({ length: lengths ? (lengths.data[i] as number) : steps }, (_, t) => t);
    return reverse ? times.reverse() : times;
  };
  return { n, steps, hidden, timesOf };
}

const row = (data: Float64Array, index: number, width: number): Float64Array =>
  data.subarray(index * width, (index + 1) * width);

/** y = x W for one row, and y = x W^T. */
const timesMatrix = (x: Float64Array, w: Float64Array, width: number): Float64Array =>
  Float64Array.from({ length: width }, (_, j) =>
    x.reduce((total, a, k) => total + a * (w[k * width + j] as number), 0),
  );
const timesTransposed = (x: Float64Array, w: Float64Array, rows: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, k) =>
    x.reduce((total, a, j) => total + a * (w[k * x.length + j] as number), 0),
  );

const lstm: Compute = (node, gates, h0, c0, weight, lengths) => {
  const { reverse } = attributesOf<{ reverse: boolean }>(node);
  const { n, steps, hidden, timesOf } = orderOf([...gates.shape.slice(0, 2), h0.shape[1] as number], reverse, lengths);
  const [output, cells] = [new Float64Array(n * steps * hidden), new Float64Array(n * steps * hidden)];
  const activations = new Float64Array(n * steps * 4 * hidden);
  const [h, c] = [h0.data.slice(), c0.data.slice()];
  for (let i = 0; i < n; i++) {
    for (const t of timesOf(i)) {
      const at = i * steps + t;
      const product = timesMatrix(row(h, i, hidden), weight.data, 4 * hidden);
      const before = row(gates.data, at, 4 * hidden).map((g, j) => g + (product[j] as number));
      const a = before.map((x, j) => (Math.floor(j / hidden) === 2 ? Math.tanh(x) : sigmoid(x)));
      for (let u = 0; u < hidden; u++) {
        const [gi, gf, gg, go] = [0, 1, 2, 3].map((g) => a[g * hidden + u]) as [number, number, number, number];
        const cell = gf * (c[i * hidden + u] as number) + gi * gg;
        c[i * hidden + u] = cell;
        h[i * hidden + u] = go * Math.tanh(cell);
      }
      activations.set(a, at * 4 * hidden);
      cells.set(row(c, i, hidden), at * hidden);
      output.set(row(h, i, hidden), at * hidden);
    }
  }
  return [output, h, c, activations, cells];
};

const gru: Compute = (node, gates, h0, weight, bias, lengths) => {
  const { reverse } = attributesOf<{ reverse: boolean }>(node);
  const { n, steps, hidden, timesOf } = orderOf([...gates.shape.slice(0, 2), h0.shape[1] as number], reverse, lengths);
  const output = new Float64Array(n * steps * hidden);
  const activations = new Float64Array(n * steps * 4 * hidden);
  const h = h0.data.slice();
  for (let i = 0; i < n; i++) {
    for (const t of timesOf(i)) {
      const at = i * steps + t;
      const product = timesMatrix(row(h, i, hidden), weight.data, 3 * hidden);
      for (let u = 0; u < hidden; u++) {
        const g = (gate: number) => gates.data[at * 3 * hidden + gate * hidden + u] as number;
        const p = (gate: number) => product[gate * hidden + u] as number;
        const [r, z] = [sigmoid(g(0) + p(0)), sigmoid(g(1) + p(1))];
        const inner = p(2) + (bias.data[u] as number);
        const candidate = Math.tanh(g(2) + r * inner);
        h[i * hidden + u] = (1 - z) * candidate + z * (h[i * hidden + u] as number);
        for (const [k, value] of [r, z, candidate, inner].entries()) {
          activations[at * 4 * hidden + k * hidden + u] = value;
        }
      }
      output.set(row(h, i, hidden), at * hidden);
    }
  }
  return [output, h, activations];
};

/** The inputs of a gradient op that follow the first four, or undefined. */
function given(node: Parameters<Compute>[0], rest: Tensor64[]): (Tensor64 | undefined)[] {
  const { has } = attributesOf<{ has: readonly boolean[] }>(node);
  let next = 0;
  return has.map((flag) => (flag ? rest[next++] : undefined));
}

const lstmGrad: Compute = (node, activations, cells, c0, weight, ...rest) => {
  const { reverse } = attributesOf<{ reverse: boolean }>(node);
  const [gOutput, gHidden, gCell, lengths] = given(node, rest);
  const { n, steps, hidden, timesOf } = orderOf(cells.shape, reverse, lengths);
  const dgates = new Float64Array(n * steps * 4 * hidden);
  const dh = gHidden?.data.slice() ?? new Float64Array(n * hidden);
  const dc = gCell?.data.slice() ?? new Float64Array(n * hidden);
  for (let i = 0; i < n; i++) {
    const times = timesOf(i);
    for (let s = times.length - 1; s >= 0; s--) {
      const at = i * steps + (times[s] as number);
      const previous = s > 0 ? row(cells.data, i * steps + (times[s - 1] as number), hidden) : row(c0.data, i, hidden);
      const own = row(dgates, at, 4 * hidden);
      for (let u = 0; u < hidden; u++) {
        const a = (gate: number) => activations.data[at * 4 * hidden + gate * hidden + u] as number;
        const top = Math.tanh(cells.data[at * hidden + u] as number);
        const toH = (dh[i * hidden + u] as number) + (gOutput?.data[at * hidden + u] ?? 0);
        const toC = (dc[i * hidden + u] as number) + toH * a(3) * (1 - top * top);
        own[u] = toC * a(2) * a(0) * (1 - a(0));
        own[hidden + u] = toC * (previous[u] as number) * a(1) * (1 - a(1));
        own[2 * hidden + u] = toC * a(0) * (1 - a(2) ** 2);
        own[3 * hidden + u] = toH * top * a(3) * (1 - a(3));
        dc[i * hidden + u] = toC * a(1);
      }
      dh.set(timesTransposed(own, weight.data, hidden), i * hidden);
    }
  }
  return [dgates, dh, dc];
};

const gruGrad: Compute = (node, activations, output, h0, weight, ...rest) => {
  const { reverse } = attributesOf<{ reverse: boolean }>(node);
  const [gOutput, gHidden, lengths] = given(node, rest);
  const { n, steps, hidden, timesOf } = orderOf(output.shape, reverse, lengths);
  const [dgates, dproduct] = [new Float64Array(n * steps * 3 * hidden), new Float64Array(n * steps * 3 * hidden)];
  const dh = gHidden?.data.slice() ?? new Float64Array(n * hidden);
  for (let i = 0; i < n; i++) {
    const times = timesOf(i);
    for (let s = times.length - 1; s >= 0; s--) {
      const at = i * steps + (times[s] as number);
      const previous = s > 0 ? row(output.data, i * steps + (times[s - 1] as number), hidden) : row(h0.data, i, hidden);
      const [own, inner] = [row(dgates, at, 3 * hidden), row(dproduct, at, 3 * hidden)];
      const direct = new Float64Array(hidden);
      for (let u = 0; u < hidden; u++) {
        const a = (k: number) => activations.data[at * 4 * hidden + k * hidden + u] as number;
        const [r, z, candidate] = [a(0), a(1), a(2)];
        const toH = (dh[i * hidden + u] as number) + (gOutput?.data[at * hidden + u] ?? 0);
        const toN = toH * (1 - z) * (1 - candidate ** 2);
        own[u] = toN * a(3) * r * (1 - r);
        own[hidden + u] = toH * ((previous[u] as number) - candidate) * z * (1 - z);
        own[2 * hidden + u] = toN;
        inner.set([own[u] as number], u);
        inner.set([own[hidden + u] as number], hidden + u);
        inner.set([toN * r], 2 * hidden + u);
        direct[u] = toH * z;
      }
      const through = timesTransposed(inner, weight.data, hidden);
      dh.set(
        direct.map((value, u) => value + (through[u] as number)),
        i * hidden,
      );
    }
  }
  return [dgates, dproduct, dh];
};

export const recurrent: Family = { lstm, lstmGrad, gru, gruGrad };
