/** Runs a frozen float graph on real data and finds the range of everything that shall become bytes. */
import { planQuantization, type QuantizationPlan } from '../compiler/quantization-plan';
import { instantiate, type Template, valueAt } from '../compiler/template';
import { expect } from '../graph/errors';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { type InputData, tensorsOf } from '../models/model';
import { shareConstants } from '../models/shared-constants';
import { quantizationOf } from '../ops/quantization-range';
import type { Quantization } from '../ops/quantize-linear';
import { max, min } from '../ops/reduce';
import { Program } from '../runtime/program';
import { Store } from '../runtime/store';
import { countNumbers, emptyHistogram, type Histogram } from './histogram';
import { type CalibrationMethod, chooseRange, type Range } from './ranges';
import { batchesOf } from './rows';

/** Bytes of values that are looked at in one run. */
const mostBytes = 256 * 2 ** 20;

export interface CalibrationOptions {
  readonly method: CalibrationMethod;
  /** Of the numbers, what `percentile` keeps at either end. */
  readonly percent: number;
  readonly keep: (node: Node) => boolean;
  /** False for a graph that takes all of the data at once. */
  readonly isAnyBatch: boolean;
}

/** Programs over the values that are born as bytes, one for each batch size. */
class Observer {
  private readonly store = new Store();
  private readonly shared: Template;

  constructor(
    template: Template,
    private readonly keep: (node: Node) => boolean,
  ) {
    this.shared = shareConstants(template, this.store);
  }

  /** The feeds of a batch, and the values that are looked at. */
  at(batch: number): { feeds: Value[]; observed: Value[]; plan: QuantizationPlan } {
    const values = instantiate(this.shared, batch);
    const feeds = this.shared.nodes.flatMap(({ op }, i) => (op === 'feed' ? (values[i] as readonly Value[]) : []));
    const roots = Object.values(this.shared.outputs).map((at) => valueAt(values, at));
    const plan = planQuantization(roots, this.keep);
    return { feeds, observed: plan.births.map(({ value }) => value), plan };
  }

  /** Calls `look` with the numbers of `views` of each observed value, batch by batch. */
  async run(
    data: InputData,
    batch: number | undefined,
    view: (value: Value) => readonly Value[],
    look: (numbers: readonly Tensor[], i: number) => void,
  ): Promise<void> {
    const programs = new Map<number, Program>();
    const programFor = (size: number): Program => {
      const { feeds, observed } = this.at(size);
      const outputs = observed.flatMap((value, i) => view(value).map((part, j) => [`${i}.${j}`, part] as const));
      const program = new Program(this.store, { feeds, outputs: Object.fromEntries(outputs) });
      programs.set(size, program);
      return program;
    };
    const batches = batch === undefined ? [{ rows: data, size: 1 }] : batchesOf('quantize', data, batch);
    for (const { rows, size } of batches) {
      const { outputs } = await (programs.get(size) ?? programFor(size)).run(tensorsOf('input', rows));
      const numbers: Tensor[][] = [];
      for (const [name, tensor] of Object.entries(outputs)) {
        const i = Number(name.split('.')[0]);
        numbers[i] = [...(numbers[i] ?? []), tensor];
      }
      for (const [i, parts] of numbers.entries()) look(parts, i);
    }
    for (const program of programs.values()) program.dispose();
  }

  dispose(): void {
    this.store.dispose();
  }
}

function expectFinite(values: readonly Value[], ranges: readonly Range[]): void {
  const wrong = ranges.findIndex(({ low, high }) => !Number.isFinite(low) || !Number.isFinite(high));
  expect(wrong < 0, 'NOT_FINITE', () => {
    const { node } = values[wrong] as Value;
    const { low, high } = ranges[wrong] as Range;
    const isInput = node.op.name === 'feed';
    return {
      where: 'quantize',
      what: isInput ? 'the calibration data' : `what ${node.path || node.op.name} gives for the calibration data`,
      expected: 'finite',
      actual: `numbers from ${low} to ${high}`,
    };
  });
}

/** The least and the largest number of every observed value. */
async function extremes(
  observer: Observer,
  data: InputData,
  batch: number | undefined,
  count: number,
): Promise<Range[]> {
  const ranges = Array.from({ length: count }, () => ({
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  }));
  await observer.run(
    data,
    batch,
    (value) => [min(value), max(value)],
    ([low, high], i) => {
      const range = ranges[i] as { low: number; high: number };
      const [least, most] = [low, high].map((part) => (part as Tensor).data[0] as number) as [number, number];
      // NaN stays
      range.low = Math.min(range.low, least);
      range.high = Math.max(range.high, most);
    },
  );
  return ranges;
}

/** The widest of the ranges of one code. */
function codesOf(plan: QuantizationPlan, ranges: readonly Range[]): Quantization[] {
  const widest: { low: number; high: number }[] = [];
  plan.births.forEach(({ code }, i) => {
    const { low, high } = ranges[i] as Range;
    const known = widest[code] ?? { low: 0, high: 0 };
    widest[code] = { low: Math.min(known.low, low), high: Math.max(known.high, high) };
  });
  return widest.map(({ low, high }) => quantizationOf(low, high));
}

/**
 * The codes of a template's plan, by number.
 *
 * @throws ConvoltError `NOT_FINITE` when NaN or infinity is met; `DATA` without examples
 */
export async function calibrate(
  template: Template,
  data: InputData,
  options: CalibrationOptions,
): Promise<Quantization[]> {
  const { method, percent, keep } = options;
  const observer = new Observer(template, keep);
  try {
    const { observed, plan } = observer.at(1);
    const perExample = observed.reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0);
    const batch = options.isAnyBatch ? Math.min(64, Math.max(1, Math.floor(mostBytes / perExample))) : undefined;
    const ranges = await extremes(observer, data, batch, observed.length);
    expectFinite(observed, ranges);
    if (method === 'minMax') return codesOf(plan, ranges);
    const histograms: Histogram[] = ranges.map(({ low, high }) => emptyHistogram(low, high));
    await observer.run(
      data,
      batch,
      (value) => [value],
      ([numbers], i) => countNumbers(histograms[i] as Histogram, (numbers as Tensor).data),
    );
    return codesOf(
      plan,
      histograms.map((histogram) => chooseRange(histogram, method, percent)),
    );
  } finally {
    observer.dispose();
  }
}
