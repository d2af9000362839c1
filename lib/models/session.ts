/** A session: one model with its parameters, trained step by step and asked for predictions. */
import { ConvoltError, complaint, expectOptions } from '../graph/errors';
import { Scope } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { Executor, type Traced } from '../runtime/executor';
import type { Program } from '../runtime/program';
import { type BatchSource, fedSource } from './batch-source';
import { type CheckpointInfo, loadCheckpoint, saveCheckpoint } from './checkpoint';
import { compileForInference, type InferenceOptions, type InputTypes } from './compile-for-inference';
import { compileForStreaming } from './compile-for-streaming';
import { valuesByName } from './fetch';
import type { InferenceModel } from './inference';
import { feedsFor, type InputData, type Model, signatureOf, tensorsOf } from './model';
import { expectSessionOptions, type SessionOptions } from './session-options';
import { newStatefulTrace, resetCarried } from './stateful';
import type { StreamingModel } from './streaming-model';
import { tellEpochs } from './tell-epochs';
import { normOf, traceEvaluation, traceTraining } from './train-step';

export type { SessionOptions };

/** Means over a batch: `loss`, and every metric by its name. */
export type Measures = Readonly<Record<string, number>> & { readonly loss: number };

/**
 * Holds a model's parameters and runs it natively.
 *
 * @example
 * const session = new Session(sequential(dense(32), relu(), dense(10)), { loss: crossEntropy(), optimizer: adam() });
 * const { loss } = await session.step(images, labels);
 * const logits = await session.run(images);
 */
export class Session {
  /** Programs and states; for those who build on sessions. */
  readonly executor: Executor;
  readonly options: SessionOptions;
  /** Whole epochs that `fit` has finished; kept in checkpoints. */
  epochs = 0;

  constructor(
    readonly model: Model,
    options: SessionOptions = {},
  ) {
    expectSessionOptions(model, options);
    this.options = options;
    this.executor = new Executor(options.seed ?? 0);
  }

  /**
   * Trains on one batch: forward, loss, gradients, update; one native call.
   *
   * @param options.fetch names of scalars inside of the step to return as well: `gradientNorm`, the `rate` of a schedule
   * @returns mean loss and metrics of the batch, before the update
   * @throws ConvoltError `NOT_FINITE` when the loss is NaN or infinite: it names the first value that is, and no
   *   parameter has changed; `BUSY` while another run is in flight
   */
  async step(input: InputData, target: InputData, options: { fetch?: readonly string[] } = {}): Promise<Measures> {
    expectOptions('step', options, ['fetch']);
    const source = fedSource(input, target);
    const program = await this.trainingProgram(source, options);
    const feeds = { ...tensorsOf('input', input), ...tensorsOf('target', target) };
    try {
      const { outputs } = await program.run(feeds);
      return firstOf(outputs);
    } catch (error) {
      throw await this.diagnosed(error, source, feeds);
    }
  }

  /**
   * The model's output for `input`; one native call.
   *
   * @param options.fetch names of inner values (layer paths, `named` values) to return as well
   */
  async run(input: InputData): Promise<Tensor>;
  async run(input: InputData, options: { fetch: readonly string[] }): Promise<Record<string, Tensor>>;
  async run(input: InputData, options: { fetch?: readonly string[] } = {}): Promise<Tensor | Record<string, Tensor>> {
    expectOptions('run', options, ['fetch']);
    const { fetch } = options;
    const tensors = tensorsOf('input', input);
    const key = `predict ${signatureOf(tensors)} ${fetch?.join() ?? ''}`;
    const program = await this.executor.program(key, () => this.tracePrediction(input, fetch));
    const { outputs } = await program.run(tensors);
    const names = Object.keys(outputs);
    return fetch || names.length > 1 || names[0] !== 'output' ? { ...outputs } : (outputs.output as Tensor);
  }

  /** Mean loss and metrics of one batch, without training. */
  async measure(input: InputData, target: InputData): Promise<Measures> {
    const program = await this.evaluationProgram(fedSource(input, target));
    const { outputs } = await program.run({ ...tensorsOf('input', input), ...tensorsOf('target', target) });
    return firstOf(outputs);
  }

  /** The training program of a batch source; `fit` runs it many steps per call. */
  async trainingProgram(
    source: BatchSource,
    { check, fetch = [] }: { check?: 'finite'; fetch?: readonly string[] } = {},
  ): Promise<Program> {
    const key = `train ${check ?? ''} ${source.signature} ${fetch.join()}`;
    const program = await this.executor.program(key, () => {
      const trace = this.options.stateful ? newStatefulTrace(this.executor) : this.executor.newTrace(true);
      const { feeds, input, target } = source.batch(new Scope(trace));
      const optimizer = needed('optimizer', this.options.optimizer);
      const { outputs, slopes } = traceTraining(trace, this.model, this.objective(), optimizer, input, target);
      if (this.options.onNotFinite === 'continue') delete outputs.finite;
      const roots = [...Object.values(outputs), ...trace.updates.values()];
      const asked = fetch.includes('gradientNorm') ? [normOf(slopes)] : [];
      Object.assign(outputs, valuesByName('step', [...roots, ...asked], fetch));
      return { trace, feeds, outputs, check, update: this.options.update } satisfies Traced;
    });
    tellEpochs(this.executor, this.epochs);
    return program;
  }

  /** The evaluation program of a batch source. */
  evaluationProgram(source: BatchSource): Promise<Program> {
    return this.executor.program(`evaluate ${source.signature}`, () => {
      const trace = this.executor.newTrace(false);
      const { feeds, input, target } = source.batch(new Scope(trace));
      return { trace, feeds, outputs: traceEvaluation(trace, this.model, this.objective(), input, target) };
    });
  }

  /**
   * Explains a failure of a training run. A loss that is not finite is traced to the first value that is not, by
   * running the same batch once more with a check behind every step; states are untouched by both.
   */
  async diagnosed(error: unknown, source: BatchSource, feeds: Parameters<Program['run']>[0]): Promise<unknown> {
    if ((error as ConvoltError).code !== 'NOT_FINITE') return error;
    try {
      await (await this.trainingProgram(source, { check: 'finite' })).run(feeds);
    } catch (found) {
      if ((found as ConvoltError).code !== 'NOT_FINITE') return error;
      const first = (found as ConvoltError).message;
      return new ConvoltError('NOT_FINITE', `${(error as ConvoltError).message}; first seen in ${first}`, {
        cause: error,
      });
    }
    return error;
  }

  /** With the option `stateful`: the next training step begins new sequences. `fit` does so before every epoch. */
  resetCarried(): Promise<void> {
    return resetCarried(this.executor);
  }

  /** Paths and types of all parameters and states, once the model has been traced. */
  declarations(): { path: string; role: 'parameter' | 'state'; shape: readonly number[] }[] {
    return [...this.executor.declarations.values()].map(({ path, role, shape }) => ({ path, role, shape }));
  }

  /** A copy of a parameter or state. */
  read(path: string): Tensor {
    return this.executor.store.read(path);
  }

  /** Overwrites a parameter or state. */
  write(path: string, tensor: Tensor): void {
    this.executor.store.write(path, tensor);
  }

  /**
   * Writes parameters, states (optimizer, running statistics), random key and progress as safetensors. The file is
   * written aside and renamed: whatever fails, an older checkpoint survives.
   *
   * @param info your own text entries for the header
   * @throws ConvoltError `IO` when the system refuses
   */
  save(path: string, info: CheckpointInfo = {}): Promise<void> {
    return saveCheckpoint(this, path, info);
  }

  /**
   * Reads a checkpoint; training goes on exactly where it stopped. A file with weights only is welcome: states that it
   * lacks start anew.
   *
   * @returns the header's text entries
   * @throws ConvoltError `FILE` for a damaged file, `STATE` when its tensors do not fit the model
   */
  load(path: string): Promise<CheckpointInfo> {
    return loadCheckpoint(this, path);
  }

  /**
   * A model for predictions only, with the weights of this moment: batch normalisation is folded into the weights, and
   * everything that does not depend on the input is computed once. It can be saved as one file that starts fast and
   * needs no code.
   *
   * @param input an example input, or its type: `{ dtype, shape }`, or several by name
   * @param options.batch `any` (default): the first axis of every input is that of the examples, and the model serves
   *   any number of them; `fixed`: it serves just these shapes
   * @throws ConvoltError `SHAPE` when the model does not treat every number of examples alike, `STATE` when it changes
   *   states while it predicts, `BUSY` while another run is in flight
   * @example const model = await session.compileForInference({ dtype: 'float32', shape: [1, 28, 28, 1] });
   */
  compileForInference(input: InputTypes, options: InferenceOptions = {}): Promise<InferenceModel> {
    return compileForInference(this, input, options);
  }

  /**
   * A model for sequences that come part by part, with the weights of this moment: its streams remember what recurrent
   * layers carry from call to call. It can be saved as one file.
   *
   * @param input the input of one call, or its type, e.g. `{ dtype: 'float32', shape: [1, 1, 3] }` for one frame of 3
   *   numbers, or several by name
   * @param options.batch as `compileForInference` has it
   * @throws ConvoltError `STATE` when the model carries nothing from call to call, or changes states while it
   *   predicts; `SHAPE` when it does not treat every number of sequences alike; `BUSY` while another run is in flight
   */
  compileForStreaming(input: InputTypes, options: InferenceOptions = {}): Promise<StreamingModel> {
    return compileForStreaming(this, input, options);
  }

  /** Every compiled program, step by step, in words. */
  explain(): string {
    return [...this.executor.compiled].map(([key, program]) => `# ${key}\n${program.explain()}`).join('\n\n');
  }

  /**
   * Frees all native memory now; a run in flight finishes first, and its promise resolves. Whatever is asked of the
   * session afterwards is refused with `DISPOSED`, another dispose() does nothing. A session that is given up without
   * it is freed by the garbage collector.
   *
   * @example
   * using session = new Session(model, options); // disposed at the end of the block
   */
  dispose(): void {
    this.executor.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private objective() {
    return { ...this.options, loss: needed('loss', this.options.loss) };
  }

  private tracePrediction(data: InputData, fetch: readonly string[] = []): Traced {
    const trace = this.executor.newTrace(false);
    const { feeds, value } = feedsFor('input', data);
    const result = this.model(value, new Scope(trace));
    const outputs: Record<string, Value> = isValue(result) ? { output: result } : { ...result };
    Object.assign(outputs, valuesByName('run', Object.values(outputs), fetch));
    return { trace, feeds, outputs };
  }
}

function needed<T>(name: string, option: T | undefined): T {
  if (option !== undefined) return option;
  throw complaint('OPTION', {
    where: 'Session',
    what: `the option '${name}'`,
    expected: 'given for training',
    actual: 'nothing',
  });
}

/** Scalars as numbers. */
function firstOf(outputs: Readonly<Record<string, Tensor>>): Measures {
  const shown = Object.entries(outputs).filter(([name]) => name !== 'finite');
  return Object.fromEntries(shown.map(([name, { data }]) => [name, data[0] as number])) as unknown as Measures;
}
