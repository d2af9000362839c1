/** Groups of parameters that learn at rates of their own, by optimizers of their own, or not at all. */
import { complaint, expectOptions } from '../graph/errors';
import { mul } from '../ops/elementwise';
import { expectNumber } from '../functions/option-values';
import { matches, type PathMatch } from './path-match';
import type { ByPath, Transform } from './transform';

/** What is different for the parameters that `match`. */
export interface Group {
  readonly match: PathMatch;
  /** Factor of the updates, 0 or more. Default 1. */
  readonly rateMultiplier?: number;
  /** Leave the parameters as they are; nothing is computed for them. */
  readonly freeze?: boolean;
  /** An optimizer of the group's own, instead of the common one. */
  readonly optimizer?: Transform;
}

function expectGroup(group: Group): void {
  expectOptions('groups', group, ['match', 'rateMultiplier', 'freeze', 'optimizer']);
  expectNumber('groups', 'rateMultiplier', group.rateMultiplier ?? 1, { least: 0 });
}

/** The first group of every path. */
function assign(paths: Iterable<string>, groups: readonly Group[]): Map<string, Group> {
  const found = [...paths].flatMap((path): [string, Group][] => {
    const group = groups.find(({ match }) => matches(match, path));
    return group ? [[path, group]] : [];
  });
  return new Map(found);
}

const select = (values: ByPath, wanted: (path: string) => boolean): ByPath =>
  new Map([...values].filter(([path]) => wanted(path)));

/**
 * `common` for all parameters, but for those of `groups`; the first group that matches a path counts.
 *
 * @throws ConvoltError `OPTION` while tracing when a group matches no parameter
 * @example groups(sgd({ rate: 0.1 }), { match: 'backbone', freeze: true }, { match: /bias$/, rateMultiplier: 2 })
 */
export function groups(common: Transform, ...rules: readonly Group[]): Transform {
  rules.forEach(expectGroup);
  return (gradients, parameters, scope) => {
    const groupOf = assign(gradients.keys(), rules);
    for (const rule of rules) {
      if ([...gradients.keys()].some((path) => matches(rule.match, path))) continue;
      throw complaint('OPTION', {
        where: 'groups',
        what: 'every group',
        expected: `one that matches some of ${[...gradients.keys()].join(', ')}`,
        actual: `match ${String(rule.match)}`,
      });
    }
    const run = (optimizer: Transform, name: string, wanted: (path: string) => boolean) =>
      scope.child(name, (inner) => optimizer(select(gradients, wanted), select(parameters, wanted), inner));

    const isCommon = (path: string) => !groupOf.get(path)?.optimizer && !groupOf.get(path)?.freeze;
    const updates = run(common, 'common', isCommon);
    for (const rule of rules) {
      if (!rule.optimizer || rule.freeze) continue;
      for (const [path, update] of run(rule.optimizer, 'group', (path) => groupOf.get(path) === rule)) updates.set(path, update);
    }
    for (const [path, update] of updates) updates.set(path, mul(update, groupOf.get(path)?.rateMultiplier ?? 1));
    return updates;
  };
}
