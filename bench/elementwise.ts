/** Functions of a million numbers, forward and backward, beside the time in which as many bytes are copied. */
import { functions, gradients, ops, Program, Store, tensor, type Value } from '../lib';
import { hostNormal } from '../lib/graph/philox';
import { firstElements } from './kernels';
import { lossCases } from './losses';
import { median } from './timing';

/** A function to measure: the gradient is taken with respect to the first input. */
export interface PassCase {
  /** Shapes of the inputs, about a million numbers in the first; `labels` makes one of whole numbers below that. */
  readonly inputs: readonly { readonly shape: readonly number[]; readonly labels?: number }[];
  readonly apply: (...inputs: Value[]) => Value;
  /** Why it may take longer than copying. */
  readonly reason?: string;
}

const rows = 1024;
const columns = 1024;
const matrix = { shape: [rows, columns] };
const images = { shape: [16, 32, 32, 64] };

const activation = (apply: (x: Value) => Value, reason?: string): PassCase => ({ inputs: [matrix], apply, reason });

/** Cases by name: activations, then losses. */
export const passCases: Readonly<Record<string, PassCase>> = {
  relu: activation(functions.relu),
  relu6: activation(functions.relu6),
  leakyRelu: activation(functions.leakyRelu),
  prelu: { inputs: [matrix, { shape: [columns] }], apply: functions.prelu },
  randomizedRelu: {
    inputs: [matrix],
    apply: (x) => functions.randomizedRelu(x, ops.constant({ dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) })),
    reason: 'draws a random number per element',
  },
  elu: activation(functions.elu, 'e^x'),
  sigmoid: activation(functions.sigmoid, 'e^x'),
  tanh: activation(functions.tanh, 'e^x'),
  softplus: activation(functions.softplus, 'e^x and a logarithm'),
  silu: activation(functions.silu, 'e^x'),
  gelu: activation(functions.gelu, 'the error function'),
  maxout: activation((x) => functions.maxout(x, 2), 'takes the pieces apart'),
  localResponseNorm: { inputs: [images], apply: (x) => functions.localResponseNorm(x), reason: 'sums over channels' },
  lpPool: { inputs: [images], apply: (x) => functions.lpPool(x, { window: 2 }), reason: 'two passes over windows' },
  softmax: activation(functions.softmax, 'e^x'),
  logSoftmax: activation(functions.logSoftmax, 'e^x'),
  ...lossCases,
};

/** Normal numbers, made once: cases read copies of them. */
const numbers = hostNormal([1, 2], rows * columns);

function stateOf(store: Store, path: string, { shape, labels }: PassCase['inputs'][number]): Value {
  const size = shape.reduce((a, b) => a * b, 1);
  const whole = () => Int32Array.from(numbers.subarray(0, size), (x) => Math.floor(Math.abs(x * 1e3)) % (labels ?? 1));
  const made = tensor(labels === undefined ? numbers.subarray(0, size) : whole(), shape);
  store.declare(path, made);
  store.write(path, made);
  return ops.state(path, shape, made.dtype);
}

/** Sets of inputs that take turns, so that none of them is in the caches when its turn comes. */
const sets = 8;
const [warmUp, runs] = [10, 31];

/** Runs programs in turn; for each the median of its milliseconds per set, without the way in and out of the core. */
async function nativeTimes(programs: readonly Program[]): Promise<number[]> {
  const total = (program: Program) => program.profile().reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
  const times = programs.map((): number[] => []);
  for (let run = 0; run < warmUp + runs; run++) {
    for (const [i, program] of programs.entries()) {
      const before = total(program);
      await program.run();
      if (run >= warmUp) times[i]?.push((total(program) - before) / 1e6 / sets);
    }
  }
  return times.map(median);
}

const inSets = <T>(make: (i: number) => T): T[] => Array.from({ length: sets }, (_, i) => make(i));

const bytesOf = (values: readonly Value[]): number =>
  values.reduce((total, { shape }) => total + 4 * shape.reduce((a, b) => a * b, 1), 0);

interface Line {
  readonly case: string;
  readonly threads: number;
  readonly forward_ms: number;
  /** Times a copy of the same bytes. */
  readonly forward_over_copy: number;
  readonly backward_ms: number;
  readonly backward_over_copy: number;
  readonly reason?: string;
}

function print(line: Line, json: boolean): void {
  const direction = (name: 'forward' | 'backward') =>
    `${name} ${line[`${name}_ms`]} ms, ${line[`${name}_over_copy`]} copies`.padEnd(36);
  const text = [line.case.padEnd(18), direction('forward'), direction('backward'), line.reason ?? ''].join(' ');
  console.log(json ? JSON.stringify(line) : text);
}

/**
 * Prints, for each case, the medians of both directions and how many times longer they take than a copy of the bytes that
 * they must read and write: forward the inputs and the result, backward the inputs, the gradients of the result and of the
 * first input.
 */
export async function benchElementwise(names: readonly string[], threads: number, json: boolean): Promise<void> {
  process.env.CONVOLT_PROFILE = '1'; // read when a program is bound
  const store = new Store();
  const sources = inSets((i) => stateOf(store, `source${i}`, matrix));
  const programOf = (results: readonly Value[]) => new Program(store, { outputs: firstElements(results) });
  const copy = programOf(sources.map(ops.neg));
  for (const name of names) {
    const found = passCases[name];
    if (!found)
      throw new Error(`bench elementwise: expected one of ${Object.keys(passCases).join()} but got '${name}'`);
    const built = inSets((set) => {
      const inputs = found.inputs.map((input, i) => stateOf(store, `${name}${set}.${i}`, input));
      const y = found.apply(...inputs);
      const upstream = stateOf(store, `${name}${set} upstream`, { shape: y.shape });
      return { inputs, y, upstream, slope: gradients(y, [inputs[0] as Value], upstream)[0] as Value };
    });
    const [{ inputs, y, upstream, slope: x }] = built as [(typeof built)[number]];
    const programs = [programOf(built.map((set) => set.y)), programOf(built.map((set) => set.slope))];
    const [copied, forward, backward] = (await nativeTimes([copy, ...programs])) as [number, number, number];
    for (const program of programs) program.dispose();
    const over = (time: number, values: readonly Value[]) =>
      Number((((time / copied) * (2 * bytesOf(sources.slice(1, 2)))) / bytesOf(values)).toFixed(2));
    const line: Line = {
      case: name,
      threads,
      forward_ms: Number(forward.toPrecision(3)),
      forward_over_copy: over(forward, [...inputs, y]),
      backward_ms: Number(backward.toPrecision(3)),
      backward_over_copy: over(backward, [...inputs, upstream, x]),
      reason: found.reason,
    };
    print(line, json);
    for (const path of store.paths()) if (path.startsWith(name)) store.release(path);
  }
  store.dispose();
}
