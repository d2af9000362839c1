/** Objectives of several parts: losses on several outputs of a model, or several losses on one. */
import { expectNumber } from '../functions/option-values';
import { complaint, expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { isValue, type Value } from '../graph/value';
import { mul } from '../ops/elementwise';

/** A loss or metric of anything: of one value or of several by name. */
// biome-ignore lint/suspicious/noExplicitAny: predictions and targets may be one value or several by name
export type AnyLoss = (prediction: any, target: any, scope: Scope) => Value;

/** One part of an objective. */
export interface Part {
  readonly loss: AnyLoss;
  /** A factor. Default 1. */
  readonly weight?: number;
  /** Which output of the model it reads. Default: the one named like the part, if there is one, else the whole output. */
  readonly prediction?: string;
  /** Which target it reads. Default: the one named like the part, if there is one, else the whole target. */
  readonly target?: string;
}

/** The entry `name` of several by name; everything where there is no such entry and none was asked for. */
function picked(where: string, what: string, all: unknown, asked: string | undefined, fallback: string): unknown {
  const byName = isValue(all) || typeof all !== 'object' || all === null ? {} : (all as Record<string, unknown>);
  const name = asked ?? fallback;
  if (name in byName) return byName[name];
  expect(asked === undefined, 'OPTION', () => ({
    where,
    what: `the ${what}`,
    expected: `one of ${Object.keys(byName).join(', ') || 'several by name'}`,
    actual: `'${asked}'`,
  }));
  return all;
}

/**
 * A loss or metric of one output of a model that gives several.
 *
 * @example new Session(model, { loss, metrics: { accuracy: losses.head('logits', metrics.accuracy()) } })
 */
export const head =
  (name: string, criterion: AnyLoss): AnyLoss =>
  (prediction, target, scope) =>
    criterion(picked('head', 'output', prediction, name, name), target, scope);

/**
 * The weighted sum of losses: L = sum over parts of weight * loss. Penalties on parameters are added by the option
 * `regularizer` of the session.
 *
 * Every part is named. It reads the output of the model, and the target, of its name where there is one (or those that
 * `prediction` and `target` name), else all of it. The session reports each weighted part as `loss.<name>` beside their
 * sum `loss`, and a penalty as `penalty`.
 *
 * @returns one value per part, weighted, of which the session takes the mean each
 * @throws ConvoltError `OPTION` without parts, or for an output or target that does not exist; `VALUE` for a weight that
 *   is not finite
 * @example
 * losses.composite({
 *   logits: losses.crossEntropy(),
 *   features: { loss: losses.centerLoss({ classes: 10 }), weight: 0.003 },
 * });
 */
export function composite(
  parts: Readonly<Record<string, AnyLoss | Part>>,
  // biome-ignore lint/suspicious/noExplicitAny: predictions and targets may be one value or several by name
): (prediction: any, target: any, scope: Scope) => Record<string, Value> {
  const all = Object.entries(parts).map(([name, part]): [string, Part] => [
    name,
    typeof part === 'function' ? { loss: part } : part,
  ]);
  if (!all.length) {
    throw complaint('OPTION', { where: 'composite', what: 'the parts', expected: 'at least one', actual: 'none' });
  }
  for (const [name, part] of all) {
    expectOptions(`composite ${name}`, part, ['loss', 'weight', 'prediction', 'target']);
    expectNumber('composite', `the weight of ${name}`, part.weight ?? 1);
  }
  return (prediction, target, scope) =>
    Object.fromEntries(
      all.map(([name, part]) => {
        const own = picked('composite', 'output', prediction, part.prediction, name);
        const wanted = picked('composite', 'target', target, part.target, name);
        const loss = scope.child(name, (inner) => part.loss(own, wanted, inner));
        return [name, mul(loss, part.weight ?? 1)];
      }),
    );
}
