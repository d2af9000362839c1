/** Frozen models: a graph whose weights are constants, compiled for each batch size at its first use. */
import { compile } from '../compiler/compile';
import { explain } from '../compiler/explain';
import { hasPackedConstants, packConstants, unpackConstants } from '../compiler/packed-constants';
import { type BatchForm, instantiate, type Template, valueAt } from '../compiler/template';
import { expect } from '../graph/errors';
import { type DType, type Shape, sameShape, showType, type Tensor, type TensorType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectFile } from '../io/file';
import { Program } from '../runtime/program';
import { Store } from '../runtime/store';
import { readFrozen, writeFrozen } from './inference-file';
import { type InputData, tensorsOf } from './model';
import { ownConstants, shareConstants } from './shared-constants';

/** An element type, and a shape in which `{ batch: 1 }` stands for the number of examples. */
export interface BatchType {
  readonly dtype: DType;
  readonly shape: readonly BatchForm[];
}

/** What an inference model consists of: plain data. */
export interface FrozenModel {
  /** Types of the inputs by feed name: `input`, or `input.<name>` for several. */
  readonly inputs: Readonly<Record<string, BatchType>>;
  readonly template: Template;
  /**
   * What a model that streams takes along from call to call: the input `carried:<path>` of a call is the output
   * `next:<path>` of the call before, and the output `initial:<path>`, which needs no input, of the first one.
   */
  readonly carried?: readonly string[];
}

type Values = Readonly<Record<string, Value>>;

/** Programs that are kept, one per batch size; beyond it the least recently used one is freed. */
const maxPrograms = 8;

/** The type with -1 for sizes that depend on the batch. */
export const openType = ({ dtype, shape }: BatchType): TensorType => ({
  dtype,
  shape: shape.map((length) => (typeof length === 'number' ? length : -1)),
});

const fits = (shape: Shape, open: Shape): boolean =>
  sameShape(
    shape.map((length, axis) => (open[axis] === -1 ? -1 : length)),
    open,
  );

/**
 * A model for predictions only: no parameters to train, weights folded and packed once. Made by
 * `session.compileForInference` or `loadInferenceModel`.
 *
 * @example
 * const model = await session.compileForInference(images);
 * const logits = await model.predict(images);
 * await model.save('digits.convolt');
 */
export class InferenceModel {
  /** Types of the inputs by name, -1 for the number of examples: `input`, or `input.<name>` for several. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  /** Types of the outputs by name, -1 for sizes that depend on the number of examples; `output` if there is one. */
  readonly outputs: Readonly<Record<string, TensorType>>;
  private readonly store = new Store();
  private readonly inputTypes: FrozenModel['inputs'];
  /** Files hold constants of +-1 as bits. */
  private readonly isPacked: boolean;
  /** Its large constants are states of the store. */
  private readonly template: Template;
  private readonly programs = new Map<number, Program>();
  /** The predictions before: they run one behind the other. */
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
    this.isPacked = hasPackedConstants(frozen.template);
    this.template = shareConstants(unpackConstants(frozen.template), this.store);
    const types = Object.entries(frozen.inputs).map(([name, type]) => [name, openType(type)]);
    this.inputs = Object.fromEntries(types) as Record<string, TensorType>;
    const [one, two] = [1, 2].map((batch) => this.values(batch).outputs) as [Values, Values];
    this.outputs = Object.fromEntries(
      Object.entries(one).map(([name, { dtype, shape }]) => {
        const differs = (axis: number) => two[name]?.shape[axis] !== shape[axis];
        return [name, { dtype, shape: shape.map((length, axis) => (differs(axis) ? -1 : length)) }];
      }),
    );
  }

  /**
   * The model's output for `input`. Predictions may be asked for while others are under way; they run in turn.
   *
   * @param input one tensor, or several by name; any number of examples along the first axis, unless the model was
   *   compiled for a fixed one
   * @returns one tensor, or several by name, as the model's function gives them
   * @throws ConvoltError `SHAPE` or `DTYPE` for an input of another type; `DISPOSED` after dispose()
   */
  async predict(input: InputData): Promise<Tensor | Record<string, Tensor>> {
    const tensors = tensorsOf('input', input);
    const program = this.program(this.batchOf(tensors));
    const { outputs } = await this.inTurn(() => {
      this.expectUsable('predict');
      return program.run(tensors);
    });
    const names = Object.keys(outputs);
    return names.length > 1 || names[0] !== 'output' ? { ...outputs } : (outputs.output as Tensor);
  }

  /**
   * Writes the model as one safetensors file: weights, and the graph in its header. `loadInferenceModel` needs nothing
   * else. The file is written aside and renamed.
   *
   * @param info your own text entries for the header
   * @throws ConvoltError `IO` when the system refuses
   */
  async save(path: string, info: Readonly<Record<string, string>> = {}): Promise<void> {
    this.expectUsable('save');
    await writeFrozen(path, await this.inTurn(() => this.frozen), info);
  }

  /** What the model consists of, copied. */
  get frozen(): FrozenModel {
    const template = ownConstants(this.template, this.store);
    return { inputs: this.inputTypes, template: this.isPacked ? packConstants(template) : template };
  }

  /** The program for so many examples, step by step, in words. */
  explain(batch = 1): string {
    return explain(compile(this.values(batch)).plan);
  }

  /** Frees all native memory now; a prediction under way finishes first. */
  dispose(): void {
    for (const program of this.programs.values()) program.dispose();
    this.programs.clear();
    this.store.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private batchOf(tensors: Readonly<Record<string, Tensor>>): number {
    let batch: number | undefined;
    for (const name of new Set([...Object.keys(this.inputs), ...Object.keys(tensors)])) {
      const [type, tensor] = [this.inputs[name], tensors[name]];
      expect(type !== undefined && tensor !== undefined, 'SHAPE', () => ({
        where: 'predict',
        what: 'the inputs',
        expected: Object.keys(this.inputs).join(', '),
        actual: Object.keys(tensors).join(', ') || 'none',
      }));
      expect(type.dtype === tensor.dtype, 'DTYPE', () => ({
        where: 'predict',
        what: name,
        expected: showType(type),
        actual: showType(tensor),
      }));
      const isOpen = type.shape[0] === -1;
      const examples = isOpen ? (batch ?? tensor.shape[0]) : undefined;
      const isFitting = fits(tensor.shape, type.shape) && (!isOpen || (tensor.shape[0] === examples && examples !== 0));
      expect(isFitting, 'SHAPE', () => ({
        where: 'predict',
        what: name,
        expected: showType(isOpen && batch ? { ...type, shape: [batch, ...type.shape.slice(1)] } : type),
        actual: showType(tensor),
        ...(isOpen && !batch && { details: { '-1': 'for any number of examples above 0' } }),
      }));
      batch ??= examples;
    }
    return batch ?? 1;
  }

  private values(batch: number): { feeds: Value[]; outputs: Values } {
    const { template } = this;
    const values = instantiate(template, batch);
    const feeds = template.nodes.flatMap(({ op }, i) => (op === 'feed' ? (values[i] as readonly Value[]) : []));
    const outputs = Object.entries(template.outputs).map(([name, at]) => [name, valueAt(values, at)]);
    return { feeds, outputs: Object.fromEntries(outputs) as Values };
  }

  /** Runs `work` behind everything that was asked for before. */
  private inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private expectUsable(where: string): void {
    expect(!this.store.disposed, 'DISPOSED', () => ({
      where,
      what: 'the model',
      expected: 'in use',
      actual: 'one that was disposed',
    }));
  }

  private program(batch: number): Program {
    this.expectUsable('predict');
    const program = this.programs.get(batch) ?? new Program(this.store, this.values(batch));
    this.programs.delete(batch); // and set again: the map's order is that of last use
    this.programs.set(batch, program);
    const [oldest] = this.programs;
    if (oldest && this.programs.size > maxPrograms) {
      this.programs.delete(oldest[0]);
      void this.last.then(() => oldest[1].dispose());
    }
    return program;
  }
}

/**
 * Reads a model that `InferenceModel.save` wrote. It needs no code but the library's own.
 *
 * @throws ConvoltError `FILE` for a file that is missing, damaged, of another version or inconsistent; `IO` when it
 *   cannot be read
 * @example
 * const model = await loadInferenceModel('digits.convolt');
 * const logits = await model.predict(images);
 */
export async function loadInferenceModel(path: string): Promise<InferenceModel> {
  const { frozen, info } = await readFrozen(path);
  expectFile(
    !frozen.carried,
    `loadInferenceModel ${path}`,
    'the model',
    'for predictions of whole inputs',
    () => 'one that streams, for loadStreamingModel',
  );
  return new InferenceModel(frozen, info);
}
