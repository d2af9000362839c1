/** Streaming models: frozen graphs that go on from call to call, for generation and for live signals. */

import { compile } from '../compiler/compile';
import { explain } from '../compiler/explain';
import { atBatch, type BatchForm, type Template } from '../compiler/template';
import { expect, expectOptions } from '../graph/errors';
import type { TensorType } from '../graph/tensor';
import { expectWhole } from '../graph/whole';
import { expectFile } from '../io/file';
import { Store } from '../runtime/store';
import { type BatchType, type FrozenModel, openType } from './inference';
import { readFrozen, writeFrozen } from './inference-file';
import { ownConstants, shareConstants } from './shared-constants';
import { Stream } from './stream';
import { StreamLane } from './stream-lane';

const prefix = 'carried:';

const isCarried = ([name]: readonly [string, unknown]): boolean => name.startsWith(prefix);

export interface StreamOptions {
  /** Sequences that go on side by side. Default 1. */
  readonly batch?: number;
}

/**
 * A model that is given a sequence part by part and takes along what its recurrent layers remember. Its streams are
 * independent of each other and share the weights. Made by `session.compileForStreaming` or `loadStreamingModel`.
 *
 * @example
 * const model = await session.compileForStreaming({ dtype: 'float32', shape: [1, 1, 3] }); // a frame of 3 numbers
 * const stream = await model.stream();
 * const output = await stream.step(new Float32Array([0.1, 0.2, 0.3]));
 */
export class StreamingModel {
  /** Types of the inputs of one call by name, -1 for the number of sequences: `input`, or `input.<name>` for several. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  /** Types of what is carried from call to call, by the path of its layer. */
  readonly carried: Readonly<Record<string, TensorType>>;
  private readonly store = new Store();
  private readonly inputTypes: FrozenModel['inputs'];
  private readonly template: Template;
  private readonly lanes = new Map<number, StreamLane>();
  /** The runs asked for and not finished; they run one behind the other. */
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param frozen plain data that has been checked
   * @param info the text entries of the file that it was loaded from
   */
  constructor(
    frozen: FrozenModel,
    readonly info: Readonly<Record<string, string>> = {},
  ) {
    this.inputTypes = frozen.inputs;
    this.template = shareConstants(frozen.template, this.store);
    const open = (entries: [string, BatchType][]) =>
      Object.fromEntries(entries.map(([name, type]) => [name.replace(prefix, ''), openType(type)]));
    const types = Object.entries(frozen.inputs);
    this.inputs = open(types.filter((entry) => !isCarried(entry)));
    this.carried = open(types.filter(isCarried));
  }

  /**
   * A stream at its beginning.
   *
   * @throws ConvoltError `VALUE` for a batch below 1, `SHAPE` for one that a model of a fixed batch does not serve
   */
  async stream(options: StreamOptions = {}): Promise<Stream> {
    expectOptions('stream', options, ['batch']);
    const { batch = 1 } = options;
    expectWhole('stream', 'the batch', batch, 1);
    this.expectUsable('stream');
    const served = Object.values(this.inputTypes).find(({ shape }) => typeof shape[0] === 'number')?.shape[0];
    expect(served === undefined || served === batch, 'SHAPE', () => ({
      where: 'stream',
      what: 'the batch',
      expected: `${served}, for which the model was compiled`,
      actual: String(batch),
    }));
    const lane = this.lane(batch);
    const initial = await this.inTurn(() => lane.initial());
    return new Stream(this, lane, initial);
  }

  /**
   * Writes the model as one safetensors file, which `loadStreamingModel` reads. What streams remember is not in it.
   *
   * @param info your own text entries for the header
   * @throws ConvoltError `IO` when the system refuses
   */
  async save(path: string, info: Readonly<Record<string, string>> = {}): Promise<void> {
    this.expectUsable('save');
    await writeFrozen(path, await this.inTurn(async () => this.frozen), info);
  }

  /** What the model consists of, copied. */
  get frozen(): FrozenModel {
    const template = ownConstants(this.template, this.store);
    return { inputs: this.inputTypes, template, carried: Object.keys(this.carried) };
  }

  /** The program of one call for so many sequences, step by step, in words. */
  explain(batch = 1): string {
    return explain(compile(this.lane(batch).call()).plan);
  }

  /** Frees all native memory now; a run under way finishes first. Its streams are of no use then. */
  dispose(): void {
    for (const lane of this.lanes.values()) lane.dispose();
    this.lanes.clear();
    this.store.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The types of the inputs of one call of `batch` sequences. */
  typesFor(batch: number): Readonly<Record<string, TensorType>> {
    return Object.fromEntries(Object.keys(this.inputs).map((name) => [name, this.typeOf(name, batch)]));
  }

  /** Runs `work` behind everything that was asked for before. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.waiting === 0 ? work() : this.last.then(work);
    this.waiting++;
    const settled = () => void this.waiting--;
    this.last = done.then(settled, settled);
    return done;
  }

  /** Throws `DISPOSED` after dispose(). */
  expectUsable(where: string): void {
    expect(!this.store.disposed, 'DISPOSED', () => ({
      where,
      what: 'the model',
      expected: 'in use',
      actual: 'one that was disposed',
    }));
  }

  private lane(batch: number): StreamLane {
    const known = this.lanes.get(batch);
    if (known) return known;
    const types = Object.keys(this.carried).map((path) => [path, this.typeOf(`${prefix}${path}`, batch)]);
    const lane = new StreamLane(this.store, this.template, Object.fromEntries(types), batch);
    this.lanes.set(batch, lane);
    return lane;
  }

  private typeOf(name: string, batch: number): TensorType {
    const { dtype, shape } = this.inputTypes[name] as BatchType;
    return { dtype, shape: atBatch(shape as BatchForm, batch) as number[] };
  }
}

/**
 * Reads a model that `StreamingModel.save` wrote. It needs no code but the library's own.
 *
 * @throws ConvoltError `FILE` for a file that is missing, damaged, of another kind or version, or inconsistent; `IO`
 *   when it cannot be read
 * @example
 * const model = await loadStreamingModel('speech.convolt');
 * const stream = await model.stream();
 */
export async function loadStreamingModel(path: string): Promise<StreamingModel> {
  const { frozen, info } = await readFrozen(path);
  const where = `loadStreamingModel ${path}`;
  expectFile(frozen.carried !== undefined, where, 'the model', 'one that streams', () => 'one for loadInferenceModel');
  return new StreamingModel(frozen, info);
}
