/** From a session to an inference model: traced, folded, frozen. */
import { commute } from '../compiler/commute';
import { distribute } from '../compiler/distribute';
import { foldAffine } from '../compiler/fold-affine';
import { type ComputeValues, foldConstants } from '../compiler/fold-constants';
import { fuseBottlenecks } from '../compiler/fuse-bottlenecks';
import { prune } from '../compiler/prune';
import { simplify } from '../compiler/simplify';
import { makeTemplate, type Sample } from '../compiler/template';
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { Scope, type Trace } from '../graph/scope';
import { dtypes, showShape, type Tensor, type TensorType } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import { expectSizes } from '../ops/shape';
import { type BatchType, InferenceModel } from './inference';
import { feedsFor, type InputData, isTensor, tensorsOf } from './model';
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
const samples = [31, 37] as const;

const where = 'compileForInference';

/** Freezings so far: each has a program of its own. */
let freezings = 0;

/** Rewrites of the whole graph, one behind the other; names of outputs stay. */
function rewritten(outputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const passes = [prune, simplify, foldAffine, simplify, distribute, commute, fuseBottlenecks];
  return passes.reduce<Record<string, Value>>(
    (current, pass) => {
      const now = pass(Object.values(current));
      return Object.fromEntries(Object.entries(current).map(([name, value]) => [name, now(value)]));
    },
    { ...outputs },
  );
}

/** The inputs with `batch` examples instead of their own number. */
function resized(input: InputTypes, batch: number | undefined): InputData {
  const one = ({ dtype, shape }: TensorType) =>
    ({ dtype, shape: batch === undefined ? shape : [batch, ...shape.slice(1)] }) as Tensor;
  if (isTensor(input as InputData | TensorType)) return one(input as TensorType);
  return Object.fromEntries(Object.entries(input).map(([name, type]) => [name, one(type)]));
}

function expectTypes(types: Readonly<Record<string, TensorType>>): void {
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

function expectExamples(types: Readonly<Record<string, TensorType>>): void {
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

function traceSample(session: Session, input: InputTypes, batch: number | undefined): TracedSample {
  const trace = session.executor.newTrace(false);
  const { value } = feedsFor('input', resized(input, batch));
  const result = session.model(value, new Scope(trace));
  expect(trace.updates.size === 0, 'STATE', () => ({
    where,
    what: 'the model',
    expected: 'without states that change while it predicts',
    actual: `one that updates ${[...trace.updates.keys()].join(', ')}`,
  }));
  const outputs: Record<string, Value> = isValue(result) ? { output: result } : { ...result };
  return { trace, batch: batch ?? 1, outputs: rewritten(outputs) };
}

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
  expectOptions(where, options, ['batch']);
  const { batch = 'any' } = options;
  expectChoice(where, 'batch', batch, ['any', 'fixed']);
  const types = tensorsOf('input', input as InputData);
  expectTypes(types);
  if (batch === 'any') expectExamples(types);
  const first = traceSample(session, input, batch === 'any' ? samples[0] : undefined);
  const second = batch === 'any' ? traceSample(session, input, samples[1]) : first;
  const compute: ComputeValues = async (outputs) => {
    const { executor } = session;
    const program = await executor.program(`${where} ${++freezings}`, () => ({ trace: first.trace, outputs }));
    try {
      return (await program.run()).outputs;
    } finally {
      executor.drop((candidate) => candidate === program);
    }
  };
  const template = await foldConstants(makeTemplate(first, second), compute);
  const batchType = ({ dtype, shape }: TensorType): BatchType => ({
    dtype,
    shape: batch === 'any' ? [{ batch: 1 }, ...shape.slice(1)] : shape,
  });
  const inputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, batchType(type)]));
  return new InferenceModel({ inputs, template });
}
