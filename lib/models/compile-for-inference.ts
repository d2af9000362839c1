/** From a session to an inference model: traced, folded, frozen. */
import { commute } from '../compiler/commute';
import { distribute } from '../compiler/distribute';
import { foldAffine } from '../compiler/fold-affine';
import { type ComputeValues, foldConstants } from '../compiler/fold-constants';
import { foldLookups } from '../compiler/fold-lookups';
import { fuseBottlenecks } from '../compiler/fuse-bottlenecks';
import { prune } from '../compiler/prune';
import { simplify } from '../compiler/simplify';
import { makeTemplate, type Sample } from '../compiler/template';
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { type Carrier, Scope, type Trace } from '../graph/scope';
import { dtypes, showShape, type Tensor, type TensorType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { expectSizes } from '../ops/shape';
import { type BatchType, type FrozenModel, InferenceModel } from './inference';
import { feedsFor, type InputData, isTensor, type Model, tensorsOf } from './model';
import type { Session } from './session';

/** Types of a model's inputs: one, or several by name. Tensors are welcome, their numbers are not looked at. */
export type InputTypes = TensorType | Readonly<Record<string, TensorType>>;

export interface InferenceOptions {
  /**
   * `any` (default): the first axis of every input is that of the examples, and any number of them is served.
   * `fixed`: the shapes are as given, for models that mix examples or have inputs without such an axis.
   */
  readonly batch?: 'any' | 'fixed';
}

/** Batch sizes at which a model is traced: nothing else in a graph is likely to be a multiple of them. */
export const samples = [31, 37] as const;

/** Freezings so far: each has a program of its own. */
let freezings = 0;

/** A rewrite of everything that values need: for every old value its new one. */
export type Pass = (roots: readonly Value[]) => (old: Value) => Value;

/** Less work, whatever computes it. */
export const foldingPasses: readonly Pass[] = [prune, simplify, foldAffine, foldLookups, simplify];

/** Fewer bytes moved by the kernels for floats. */
export const fusingPasses: readonly Pass[] = [distribute, commute, fuseBottlenecks];

/** Rewrites the whole graph, one pass behind the other; names of outputs stay. */
export function rewritten(
  outputs: Readonly<Record<string, Value>>,
  passes: readonly Pass[],
): Readonly<Record<string, Value>> {
  return passes.reduce((current, pass) => {
    const now = pass(Object.values(current));
    return Object.fromEntries(Object.entries(current).map(([name, value]) => [name, now(value)]));
  }, outputs);
}

/** The inputs with `batch` examples instead of their own number. */
function resized(input: InputTypes, batch: number | undefined): InputData {
  const one = ({ dtype, shape }: TensorType) =>
    ({ dtype, shape: batch === undefined ? shape : [batch, ...shape.slice(1)] }) as Tensor;
  if (isTensor(input as InputData | TensorType)) return one(input as TensorType);
  return Object.fromEntries(Object.entries(input).map(([name, type]) => [name, one(type)]));
}

function expectTypes(where: string, types: Readonly<Record<string, TensorType>>): void {
  for (const [name, { dtype, shape }] of Object.entries(types)) {
    expect(dtypes.includes(dtype), 'DTYPE', () => ({
      where,
      what: `the element type of ${name}`,
      expected: `one of ${dtypes.join(', ')}`,
      actual: String(dtype),
    }));
    expectSizes(`${where} ${name}`, shape, 0);
  }
}

function expectExamples(where: string, types: Readonly<Record<string, TensorType>>): void {
  const [first] = Object.values(types);
  for (const [name, { shape }] of Object.entries(types)) {
    expect(shape.length > 0 && shape[0] === first?.shape[0], 'SHAPE', () => ({
      where,
      what: `the first axis of ${name}`,
      expected: `that of the examples, ${first?.shape[0]} in the first input (or the option batch: 'fixed' given)`,
      actual: showShape(shape),
    }));
  }
}

interface TracedSample extends Sample {
  readonly trace: Trace;
}

/** What freezing needs to know beside the session and the types of the inputs. */
export interface Freezing {
  /** The public function, for complaints. */
  readonly where: string;
  readonly batch: 'any' | 'fixed';
  /** For models that carry sequences on from call to call. */
  readonly carrier?: Carrier;
  /** In the place of the session's own, with the same parameters. */
  readonly model?: Model;
  /** Default: `foldingPasses`, then `fusingPasses`. */
  readonly passes?: readonly Pass[];
  /** Outputs beside those of the model. */
  readonly more?: (trace: Trace, outputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;
}

function traceSample(session: Session, input: InputTypes, batch: number | undefined, how: Freezing): TracedSample {
  const trace = session.executor.newTrace(false, how.carrier);
  const { value } = feedsFor('input', resized(input, batch));
  const { model = session.model } = how;
  const result = model(value, new Scope(trace));
  expect(trace.updates.size === 0, 'STATE', () => ({
    where: how.where,
    what: 'the model',
    expected: 'without states that change while it predicts',
    actual: `one that updates ${[...trace.updates.keys()].join(', ')}`,
  }));
  const outputs: Record<string, Value> = isValue(result) ? { output: result } : { ...result };
  const { passes = [...foldingPasses, ...fusingPasses] } = how;
  return { trace, batch: batch ?? 1, outputs: rewritten({ ...outputs, ...how.more?.(trace, outputs) }, passes) };
}

/** The graph of a session's model with its weights of this moment, and the traces that it was made of. */
export async function freeze(
  session: Session,
  input: InputTypes,
  how: Freezing,
): Promise<{ frozen: FrozenModel; traces: readonly [Trace, Trace] }> {
  const types = tensorsOf('input', input as InputData);
  const isAny = how.batch === 'any';
  expectTypes(how.where, types);
  if (isAny) expectExamples(how.where, types);
  const first = traceSample(session, input, isAny ? samples[0] : undefined, how);
  const second = isAny ? traceSample(session, input, samples[1], how) : first;
  const compute: ComputeValues = async (outputs) => {
    const { executor } = session;
    const program = await executor.program(`freeze ${++freezings}`, () => ({ trace: first.trace, outputs }));
    try {
      return (await program.run()).outputs;
    } finally {
      executor.drop((candidate) => candidate === program);
    }
  };
  const template = await foldConstants(makeTemplate(first, second), compute);
  const inputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, batchType(type, isAny)]));
  return { frozen: { inputs, template }, traces: [first.trace, second.trace] };
}

/** The type with the batch size in the place of its first size, if `isAny`. */
export const batchType = ({ dtype, shape }: TensorType, isAny: boolean): BatchType => ({
  dtype,
  shape: isAny ? [{ batch: 1 }, ...shape.slice(1)] : shape,
});

/**
 * Makes a model for predictions only; see `Session.compileForInference`.
 *
 * The weights are those of this moment: later training does not change the model.
 */
export async function compileForInference(
  session: Session,
  input: InputTypes,
  options: InferenceOptions = {},
): Promise<InferenceModel> {
  const where = 'compileForInference';
  return new InferenceModel((await freeze(session, input, { where, batch: batchOption(where, options) })).frozen);
}

/** The option `batch`, checked. */
export function batchOption(where: string, options: InferenceOptions): 'any' | 'fixed' {
  expectOptions(where, options, ['batch']);
  const { batch = 'any' } = options;
  expectChoice(where, 'batch', batch, ['any', 'fixed']);
  return batch;
}
