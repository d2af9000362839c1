/** Ops that are computed as their definition in other ops says. */

import type { Value } from '../graph/value';
import { feed } from '../ops/source';
import type { Compute, Family, Tensor64 } from './tensor64';

type Evaluate = (values: readonly Value[], feeds: ReadonlyMap<string, Tensor64>) => readonly Tensor64[];

const byDefinition =
  (evaluate: Evaluate): Compute =>
  ({ op, attributes }, ...inputs) => {
    const feeds = inputs.map(({ shape, dtype }, i) => feed(`x${i}`, shape, dtype));
    const defined = [op.define?.(feeds, attributes as never) ?? []].flat() as Value[];
    return evaluate(defined, new Map(inputs.map((numbers, i) => [`x${i}`, numbers]))).map(({ data }) => data);
  };

/** The family, given the reference executor itself. */
export const definedOps = (evaluate: Evaluate): Family => ({
  invertedBottleneck: byDefinition(evaluate),
  quantizedLstm: byDefinition(evaluate),
});
