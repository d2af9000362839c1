/** A compiled program bound to a store: one native call runs any number of its steps. */
import { type Compiled, compile, type ProgramSpec } from '../compiler/compile';
import { explain } from '../compiler/explain';
import { encodePlan, type NamedType, type Plan } from '../compiler/plan';
import { expect } from '../graph/errors';
import { allocate, dtypeOf, sizeOf, storedAs, type Tensor, type TypedArray } from '../graph/tensor';
import { addon, fromNative, type NativeProgram, native } from './addon';
import { expectToFit } from './memory-limit';
import type { Store } from './store';
import { mayRunAtOnce, noteRunAtOnce } from './turn-budget';

/** Numbers for a feed: a tensor, or a typed array of as many numbers as the feed has. */
export type FeedData = Tensor | TypedArray;

export interface RunResult {
  /** Outputs by name; with several iterations, of shape [iterations, ...shape]. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Completed iterations: fewer than asked for when the run was aborted. */
  readonly iterations: number;
}

function dataOf(feed: NamedType, given: FeedData | undefined, iterations: number): TypedArray {
  expect(given !== undefined, 'SHAPE', () => ({
    where: `feed ${feed.name}`,
    what: 'the numbers',
    expected: 'given',
    actual: 'nothing',
  }));
  const data = ArrayBuffer.isView(given) ? given : (given as Tensor).data;
  const dtype = ArrayBuffer.isView(given) ? dtypeOf(given) : (given as Tensor).dtype;
  expect(storedAs(dtype) === storedAs(feed.dtype), 'DTYPE', () => ({
    where: `feed ${feed.name}`,
    what: 'the element type',
    expected: feed.dtype,
    actual: dtype,
  }));
  const size = sizeOf(feed.shape) * iterations;
  expect(data.length === size, 'SHAPE', () => ({
    where: `feed ${feed.name}`,
    what: 'the number of values',
    expected: `${size} (${iterations} x [${feed.shape.join(', ')}])`,
    actual: String(data.length),
  }));
  return data;
}

/** A compiled plan bound to a store: what runs natively. */
export class Program {
  readonly plan: Plan;
  private readonly compiled: Compiled;
  private readonly native: NativeProgram;
  /** Milliseconds of one iteration, as the last run took them. */
  private pace = Number.POSITIVE_INFINITY;

  /**
   * Compiles `spec` and binds it; its states must be declared in `store`.
   *
   * @throws ConvoltError `SHAPE` when the temporary values of a run do not fit into the machine's memory
   */
  constructor(
    private readonly store: Store,
    spec: ProgramSpec,
  ) {
    store.assertUsable();
    this.compiled = compile(spec);
    expectToFit(this.compiled);
    this.plan = this.compiled.plan;
    const { words, names, labels, constants } = encodePlan(this.plan, ({ name }) => store.slotOf(name));
    this.native = native(() => new (addon().NativeProgram)(store.native, words, names, labels, constants));
  }

  /**
   * Runs the program on native threads.
   *
   * @param feeds numbers by feed name; for several iterations, of shape [iterations, ...shape]
   * @throws ConvoltError `SHAPE` or `DTYPE` for a feed that does not fit, `BUSY` while the store is running,
   *   `NOT_FINITE` when a check fails, `VALUE` for an index out of range; no state has changed then
   */
  async run(feeds: Readonly<Record<string, FeedData>> = {}, iterations = 1): Promise<RunResult> {
    const { given, results } = this.transfers(feeds, iterations);
    const origin = new Error(); // its stack, which shows the caller, is only written out when it is needed
    const began = performance.now();
    let completed: number;
    try {
      completed = await this.native.run(given, results, iterations);
    } catch (error) {
      throw fromNative(error, origin);
    }
    this.pace = (performance.now() - began) / iterations;
    return this.resultOf(results, iterations, completed);
  }

  /**
   * As `run`, for runs that are awaited one by one: a short one is done before the promise is returned, which spares the
   * way to another thread and back. A turn of the event loop takes about a millisecond of such runs.
   */
  async runSoon(feeds: Readonly<Record<string, FeedData>> = {}, iterations = 1): Promise<RunResult> {
    if (!mayRunAtOnce(this.pace * iterations)) return this.run(feeds, iterations);
    const { given, results } = this.transfers(feeds, iterations);
    const began = performance.now();
    const completed = native(() => this.native.runNow(given, results, iterations));
    const milliseconds = performance.now() - began;
    this.pace = milliseconds / iterations;
    noteRunAtOnce(milliseconds);
    return this.resultOf(results, iterations, completed);
  }

  /** What a run is given, checked, and room for what it gives. */
  private transfers(feeds: Readonly<Record<string, FeedData>>, iterations: number) {
    this.store.assertUsable();
    const given = this.plan.feeds.map((feed) => dataOf(feed, feeds[feed.name], iterations));
    const results = this.plan.fetches.map((fetch) => allocate(fetch.dtype, sizeOf(fetch.shape) * iterations));
    return { given, results };
  }

  private resultOf(results: readonly TypedArray[], iterations: number, completed: number): RunResult {
    const outputs: Record<string, Tensor> = {};
    this.plan.fetches.forEach(({ name, dtype, shape }, i) => {
      const data = results[i] as TypedArray;
      outputs[name] = { dtype, shape: iterations === 1 ? shape : [iterations, ...shape], data };
    });
    return { outputs, iterations: completed };
  }

  /** Stops the run in flight after the iteration at work; states stay those of whole iterations. */
  abort(): void {
    this.native.abort();
  }

  /** One line per planned step. */
  explain(): string {
    return explain(this.plan);
  }

  /** Nanoseconds and calls per step, when `CONVOLT_PROFILE` is set. */
  profile(): { label: string; nanoseconds: number; calls: number }[] {
    return native(() => this.native.profile());
  }

  /** Bytes of temporaries. */
  get arenaBytes(): number {
    return this.native.arenaBytes;
  }

  /** Frees its memory now; a run in flight finishes first. */
  dispose(): void {
    this.native.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
