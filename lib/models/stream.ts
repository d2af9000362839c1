/** A stream: a sequence that a model is given part by part. */
import { expect } from '../graph/errors';
import { sameShape, showType, sizeOf, type Tensor, type TensorType, type TypedArray } from '../graph/tensor';
import type { FeedData, Program } from '../runtime/program';
import { isTensor, tensorsOf } from './model';
import type { CarriedNumbers, Passenger, StreamLane } from './stream-lane';
import type { StreamingModel } from './streaming-model';

/** Numbers for one or several calls: a tensor or typed array, or several tensors by name. */
export type StreamData = FeedData | Readonly<Record<string, Tensor>>;

/** One tensor, or several by name. */
export type StreamOutput = Tensor | Record<string, Tensor>;

const feedsOf = (data: StreamData): Readonly<Record<string, FeedData>> => {
  if (ArrayBuffer.isView(data)) return { input: data as TypedArray };
  return tensorsOf('input', data as Tensor);
};

/** How many calls `data` is for, judged by the first of `types`. */
function callsIn(feeds: Readonly<Record<string, FeedData>>, types: Readonly<Record<string, TensorType>>): number {
  const [[name, { shape }]] = Object.entries(types) as [[string, TensorType]];
  const data = feeds[name];
  const size = data === undefined ? 0 : ArrayBuffer.isView(data) ? data.length : data.data.length;
  return Math.floor(size / sizeOf(shape));
}

/** Made by `StreamingModel.stream`. Calls may be made while others are under way; they run in turn. */
export class Stream implements Passenger {
  parked: CarriedNumbers;
  private readonly inputs: Readonly<Record<string, TensorType>>;
  private program?: Program;
  private disposed = false;

  constructor(
    readonly model: StreamingModel,
    readonly lane: StreamLane,
    private readonly initial: CarriedNumbers,
  ) {
    this.parked = initial;
    this.inputs = model.typesFor(lane.batch);
  }

  /** Sequences that go on side by side. */
  get batch(): number {
    return this.lane.batch;
  }

  /**
   * One call: the next part of the sequence.
   *
   * @param data numbers of the types `model.inputs` for this stream's batch, e.g. [N, 1, F] for one frame
   * @returns what the model gives, one tensor or several by name
   * @throws ConvoltError `SHAPE` or `DTYPE` for an input of another type, `VALUE` for an index out of range,
   *   `DISPOSED` after dispose(); what the stream remembers has not changed then
   */
  async step(data: StreamData): Promise<StreamOutput> {
    const feeds = feedsOf(data);
    this.expectInputs('step', feeds);
    const { outputs } = await this.inTurn('step', (program) => program.runSoon(feeds));
    return outputs.output && Object.keys(outputs).length === 1 ? outputs.output : { ...outputs };
  }

  /**
   * Many calls in one native one.
   *
   * @param data numbers of n calls, [n, ...shape of one call]
   * @returns the outputs of all calls [n, ...]
   * @throws ConvoltError as `step`; when one call fails, what the calls before it have remembered stays
   */
  async run(data: StreamData): Promise<StreamOutput> {
    const feeds = feedsOf(data);
    const calls = callsIn(feeds, this.inputs);
    expect(calls > 0, 'SHAPE', () => ({
      where: 'run',
      what: 'the number of calls',
      expected: 'above 0',
      actual: '0',
    }));
    this.expectInputs('run', feeds, calls);
    const { outputs } = await this.inTurn('run', (program) => program.runSoon(feeds, calls));
    const all = Object.entries(outputs).map(([name, tensor]) => [
      name,
      calls === 1 ? { ...tensor, shape: [1, ...tensor.shape] } : tensor,
    ]);
    const named: Record<string, Tensor> = Object.fromEntries(all);
    return named.output && all.length === 1 ? named.output : named;
  }

  /** Begins anew. */
  async reset(): Promise<void> {
    await this.inTurn('reset', async () => this.lane.load(this, this.initial));
  }

  /** A copy of what the stream remembers, by the path of its layer. */
  readState(): Promise<CarriedNumbers> {
    return this.inTurn('readState', async () => this.lane.carriedBy(this));
  }

  /**
   * Replaces what the stream remembers, e.g. by what `readState` of another one gave.
   *
   * @throws ConvoltError `STATE` unless names and types are those of `model.carried`
   */
  async writeState(numbers: CarriedNumbers): Promise<void> {
    const { types } = this.lane;
    const names = Object.keys(types).sort().join(', ');
    const given = Object.keys(numbers).sort().join(', ');
    const complain = (what: string, expected: string, actual: string) => ({
      where: 'writeState',
      what,
      expected,
      actual,
    });
    expect(names === given, 'STATE', () => complain('the names', names, given || 'none'));
    for (const [path, type] of Object.entries(types)) {
      const tensor = numbers[path] as Tensor;
      const isFit = tensor.dtype === type.dtype && sameShape(tensor.shape, type.shape);
      expect(isFit && tensor.data.length === sizeOf(type.shape), 'STATE', () =>
        complain(path, showType(type), showType(tensor)),
      );
    }
    const copies = Object.entries(numbers).map(([path, tensor]) => [path, { ...tensor, data: tensor.data.slice() }]);
    await this.inTurn('writeState', async () => this.lane.load(this, Object.fromEntries(copies)));
  }

  /** Ends the stream. The model and its other streams stay. */
  dispose(): void {
    this.disposed = true;
    this.lane.leave(this);
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Runs `work` with this stream's numbers in the slots, behind everything that was asked of the model before. */
  inTurn<T>(where: string, work: (program: Program) => Promise<T>): Promise<T> {
    this.model.expectUsable(where);
    expect(!this.disposed, 'DISPOSED', () => ({
      where,
      what: 'the stream',
      expected: 'in use',
      actual: 'one that was disposed',
    }));
    this.program ??= this.lane.program('step', () => this.lane.call());
    const program = this.program;
    return this.model.inTurn(async () => {
      this.model.expectUsable(where);
      this.lane.enter(this);
      return work(program);
    });
  }

  private expectInputs(where: string, feeds: Readonly<Record<string, FeedData>>, calls?: number): void {
    const names = Object.keys(this.inputs).join(', ');
    const given = Object.keys(feeds).join(', ');
    expect(names === given, 'SHAPE', () => ({ where, what: 'the inputs', expected: names, actual: given || 'none' }));
    for (const [name, { dtype, shape }] of Object.entries(this.inputs)) {
      const data = feeds[name] as FeedData;
      if (ArrayBuffer.isView(data) || !isTensor(data)) continue; // the program looks at their number and type
      const whole = calls === undefined ? shape : [calls, ...shape];
      expect(sameShape(data.shape, whole), 'SHAPE', () => ({
        where,
        what: name,
        expected: showType({ dtype, shape: whole }),
        actual: showType(data),
      }));
    }
  }
}
