/** The training step as values: model, loss, gradients and optimizer joined into one traced function. */
import { commute } from '../compiler/commute';
import { gradients } from '../compiler/differentiate';
import { complaint } from '../graph/errors';
import { Scope, type Trace } from '../graph/scope';
import { showType } from '../graph/tensor';
import { isValue, named, type Value } from '../graph/value';
import { checkFinite } from '../ops/check-finite';
import { add, sqrt, square } from '../ops/elementwise';
import { mean, sum } from '../ops/reduce';
import type { Transform } from '../optimizers';
import type { Regularizer } from '../regularizers';
import type { Criterion, Model, ModelInput } from './model';

/** What training minimises, and what is measured beside it. */
export interface Objective {
  readonly loss: Criterion;
  readonly metrics?: Readonly<Record<string, Criterion>>;
  readonly regularizer?: Regularizer;
}

/** The mean of what a criterion gave, and the means of its parts under `<name>.<part>`; their sum is the mean. */
function averaged(name: string, result: ReturnType<Criterion>): Record<string, Value> {
  if (isValue(result) && result.dtype === 'float32') return { [name]: mean(result) };
  const parts = isValue(result) ? [] : Object.entries(result ?? {});
  if (parts.length && parts.every(([, part]) => isValue(part) && part.dtype === 'float32')) {
    const means = parts.map(([part, value]): [string, Value] => [`${name}.${part}`, mean(value)]);
    const whole = means.map(([, value]) => value).reduce((sum, value) => add(sum, value));
    return { [name]: whole, ...Object.fromEntries(means) };
  }
  const actual = isValue(result) ? showType(result) : typeof result;
  throw complaint('DTYPE', { where: name, what: 'the result', expected: 'a float32 value per example', actual });
}

/** Mean loss and metrics of one batch, by name. */
function measure(trace: Trace, objective: Objective, prediction: unknown, target: unknown): Record<string, Value> {
  const scope = new Scope(trace);
  const average = (name: string, criterion: Criterion) =>
    averaged(
      name,
      scope.child(name, (inner) => criterion(prediction, target, inner)),
    );
  const metrics = Object.entries(objective.metrics ?? {}).map(([name, metric]) => average(name, metric));
  return Object.assign(average('loss', objective.loss), ...metrics);
}

/** The same values and updates with elementwise work moved behind max pooling. */
function pooledEarly(trace: Trace, measured: Record<string, Value>): Record<string, Value> {
  const now = commute([...Object.values(measured), ...trace.updates.values()]);
  for (const [path, next] of trace.updates) trace.updates.set(path, now(next));
  return Object.fromEntries(Object.entries(measured).map(([name, value]) => [name, now(value)]));
}

/** Lets the next step go on from what this one gave. */
function carryOn(trace: Trace): void {
  for (const { value, next } of trace.carried.values()) new Scope(trace).update(value, next);
}

/** The trained parameters that a trace has declared, by path. */
export function parametersOf(trace: Trace): Map<string, Value> {
  const trained = [...trace.declarations.values()].filter(({ role }) => role === 'parameter');
  return new Map(trained.map(({ path, value }) => [path, value]));
}

/** Traces the evaluation of a batch: loss and metrics without training. */
export function traceEvaluation(
  trace: Trace,
  model: Model,
  objective: Objective,
  input: ModelInput,
  target: ModelInput,
): Record<string, Value> {
  return measure(trace, objective, model(input, new Scope(trace)), target);
}

/** A loss that has been traced forward and backward. */
export interface Backward {
  /** Loss and metrics, by name, without penalties. */
  readonly measured: Record<string, Value>;
  /** The loss with penalties. */
  readonly loss: Value;
  readonly parameters: ReadonlyMap<string, Value>;
  /** Of the loss to every parameter, by path. */
  readonly slopes: ReadonlyMap<string, Value>;
}

/** Traces model, loss and gradients of a batch. */
export function traceBackward(
  trace: Trace,
  model: Model,
  objective: Objective,
  input: ModelInput,
  target: ModelInput,
): Backward {
  const first = measure(trace, objective, model(input, new Scope(trace)), target);
  first.loss = trace.penalties.reduce(add, first.loss as Value);
  carryOn(trace);
  const measured = pooledEarly(trace, first);
  const parameters = parametersOf(trace);
  if (parameters.size === 0) {
    throw complaint('STATE', {
      where: 'training',
      what: 'the model',
      expected: 'one with parameters',
      actual: 'one without',
    });
  }
  const penalty = objective.regularizer?.(parameters);
  if (penalty) measured.penalty = penalty;
  const loss = named('loss', penalty ? add(measured.loss as Value, penalty) : (measured.loss as Value));
  const found = gradients(loss, [...parameters.values()]);
  const slopes = new Map(
    [...parameters.keys()].map((path, i) => [path, named(`gradient of ${path}`, found[i] as Value)]),
  );
  return { measured, loss, parameters, slopes };
}

/** The norm of all gradients together. */
export const normOf = (slopes: ReadonlyMap<string, Value>): Value =>
  named('gradientNorm', sqrt([...slopes.values()].map((slope) => sum(square(slope))).reduce((a, b) => add(a, b))));

/**
 * Traces one training step: forward, loss, gradients, and the update of every parameter.
 *
 * @returns the loss (with penalties), its parts and the metrics, by name, and `finite`, which stops the step when the loss is
 *   not; and the gradients
 */
export function traceTraining(
  trace: Trace,
  model: Model,
  objective: Objective,
  optimizer: Transform,
  input: ModelInput,
  target: ModelInput,
): { outputs: Record<string, Value>; slopes: ReadonlyMap<string, Value> } {
  const { measured, loss, parameters, slopes } = traceBackward(trace, model, objective, input, target);
  for (const [path, update] of optimizer(slopes, parameters, new Scope(trace, 'optimizer'))) {
    const parameter = parameters.get(path);
    const constraint = trace.declarations.get(path)?.constraint ?? ((next: Value) => next);
    if (parameter) trace.updates.set(path, constraint(add(parameter, update)));
  }
  return { outputs: { ...measured, loss, finite: checkFinite(loss) }, slopes };
}
