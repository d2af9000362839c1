/** How well a query fits each step of a sequence: the learned part of attention. */
import { additiveScores, dotScores } from '../functions/attention';
import { expect } from '../graph/errors';
import type { Initializer, Scope } from '../graph/scope';
import { showType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { normal } from '../initializers/random';
import { xavierUniform } from '../initializers/xavier';
import { matmul } from '../ops/matmul';

/** Prepares states [N, S, H] once; what it returns takes queries [N, Q] to scores [N, S]. */
export type Score = (states: Value, scope: Scope) => (query: Value) => Value;

const widthOf = (x: Value): number => x.shape.at(-1) as number;

/** x W, with the parameter W [F, units]. */
export const projected = (x: Value, scope: Scope, name: string, units: number): Value =>
  matmul(x, scope.param(name, [widthOf(x), units], xavierUniform()));

const unitLength: Initializer = (shape, key) => normal({ std: (shape[0] as number) ** -0.5 })(shape, key);

/** The parameter `vector` [units], of a length of about 1 at first. */
export const vectorOf = (scope: Scope, units: number): Value => scope.param('vector', [units], unitLength);

/**
 * e_j = v . tanh(W s + U h_j) (Bahdanau et al. 2015).
 *
 * Parameters: `queryWeight` W [Q, units], `keyWeight` U [H, units], `vector` v [units].
 */
export function additiveScore(units: number): Score {
  expectWhole('additiveScore', 'the number of units', units, 1);
  return (states, scope) => {
    const keys = projected(states, scope, 'keyWeight', units);
    const vector = vectorOf(scope, units);
    return (query) => additiveScores(projected(query, scope, 'queryWeight', units), keys, vector);
  };
}

/** Luong's e_j = v . tanh(W [s; h_j]): the additive score, with W in two parts. */
export const concatScore = additiveScore;

/** e_j = s . h_j (Luong et al. 2015); s and h are as wide. */
export function dotScore(): Score {
  return (states) => (query) => {
    expect(widthOf(query) === widthOf(states), 'SHAPE', () => ({
      where: 'dotScore',
      what: 'the query',
      expected: `as wide as the states ${showType(states)}`,
      actual: showType(query),
    }));
    return dotScores(query, states);
  };
}

/** e_j = s W h_j (Luong et al. 2015). Parameters: `weight` W [Q, H]. */
export function generalScore(): Score {
  return (states, scope) => (query) => dotScores(projected(query, scope, 'weight', widthOf(states)), states);
}
