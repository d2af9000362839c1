/** What a session is made with, and what must hold of it. */
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Transform } from '../optimizers';
import type { Regularizer } from '../regularizers';
import type { Criterion, Model } from './model';

/** What a session trains with. */
export interface SessionOptions {
  /** Per-example loss; needed for `step`, `evaluate` and `fit`. */
  readonly loss?: Criterion;
  /** Needed for `step` and `fit`. */
  readonly optimizer?: Transform;
  /** Per-example metrics by name (not `loss` or `finite`); their means are reported beside the loss. */
  readonly metrics?: Readonly<Record<string, Criterion>>;
  /** A penalty on parameters that is added to the loss. */
  readonly regularizer?: Regularizer;
  /** One number that fixes every random draw. Default 0. */
  readonly seed?: number;
  /** What a NaN or infinite loss does: `stop` (default) rejects before any state changes; `continue` goes on. */
  readonly onNotFinite?: 'stop' | 'continue';
  /**
   * When parameters change: `deferred` (default), after the whole backward pass; `fused`, each as soon as its gradient is
   * known and its old numbers are no longer needed, so that few gradients take memory at a time. The numbers are the same. A
   * norm of all gradients, as clipping by it needs, keeps them all in memory. Aborting waits for the end of a step whose
   * updates have begun.
   */
  readonly update?: 'deferred' | 'fused';
  /**
   * Training steps go on from what recurrent layers carried in the step before: row i of a batch continues row i of the
   * batch before it (truncated back-propagation through time). All batches are of one size. Default false.
   */
  readonly stateful?: boolean;
}

const optionNames = ['loss', 'optimizer', 'metrics', 'regularizer', 'seed', 'onNotFinite', 'stateful', 'update'];

/**
 * @throws ConvoltError `OPTION` for parts that are no functions, options that are unknown and names that are taken; `VALUE`
 *   for a seed that is no whole number
 */
export function expectSessionOptions(model: Model, options: SessionOptions): void {
  expectOptions('Session', options, optionNames);
  const { seed = 0, loss, optimizer, metrics = {}, regularizer, onNotFinite = 'stop', update = 'deferred' } = options;
  for (const [name, part] of Object.entries({ model, loss, optimizer, regularizer })) {
    expect(part === undefined ? name !== 'model' : typeof part === 'function', 'OPTION', () => ({
      where: 'Session',
      what: `the ${name}`,
      expected: 'a function',
      actual: typeof part,
    }));
  }
  for (const name of ['loss', 'finite']) {
    expect(!(name in metrics), 'OPTION', () => ({
      where: 'Session',
      what: "a metric's name",
      expected: `other than '${name}', which the session reports itself`,
      actual: `'${name}'`,
    }));
  }
  expectChoice('Session', 'onNotFinite', onNotFinite, ['stop', 'continue']);
  expectChoice('Session', 'update', update, ['deferred', 'fused']);
  expect(Number.isSafeInteger(seed) && seed >= 0, 'VALUE', () => ({
    where: 'Session',
    what: 'the seed',
    expected: 'a whole number of 0 or more',
    actual: String(seed),
  }));
}
