/** Groups of parameters that learn at rates of their own, by optimizers of their own, or not at all. */

import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { mul } from '../ops/elementwise';
import { matches, type PathMatch } from './path-match';
import { type ByPath, mapUpdates, type Transform } from './transform';

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
  expect(!group.freeze || !group.optimizer, 'OPTION', () => ({
    where: 'groups',
    what: 'a frozen group',
    expected: 'without an optimizer',
    actual: 'one with both',
  }));
}

/** The first group of every path that one matches. */
function assign(paths: readonly string[], groups: readonly Group[]): ReadonlyMap<string, Group> {
  for (const { match } of groups) {
    const isUsed = paths.some((path) => matches(match, path));
    expect(isUsed, 'OPTION', () => ({
      where: 'groups',
      what: 'every group',
      expected: `one that matches some of ${paths.join(', ')}`,
      actual: `match ${String(match)}`,
    }));
  }
  return new Map(
    paths.flatMap((path) => {
      const group = groups.find(({ match }) => matches(match, path));
      return group ? [[path, group] as const] : [];
    }),
  );
}

const select = (values: ByPath, wanted: (path: string) => boolean): ByPath =>
  new Map([...values].filter(([path]) => wanted(path)));

/**
 * An optimizer for groups of parameters: `common` for all but those of `own`; the first group that matches a path counts.
 *
 * @throws ConvoltError `OPTION` while tracing when a group matches no parameter
 * @example groups(sgd({ rate: 0.1 }), { match: 'backbone', freeze: true }, { match: /bias$/, rateMultiplier: 2 })
 */
export function groups(common: Transform, ...own: readonly Group[]): Transform {
  own.forEach(expectGroup);
  return (gradients, parameters, scope) => {
    const groupOf = assign([...gradients.keys()], own);
    const run = (optimizer: Transform, name: string, isMember: (group: Group | undefined) => boolean) => {
      const members = (values: ByPath) => select(values, (path) => isMember(groupOf.get(path)));
      return scope.child(name, (inner) => optimizer(members(gradients), members(parameters), inner));
    };
    const updates = run(common, 'common', (group) => !group?.optimizer && !group?.freeze);
    for (const group of own) {
      if (!group.optimizer) continue;
      for (const [path, update] of run(group.optimizer, 'group', (other) => other === group)) updates.set(path, update);
    }
    return mapUpdates(updates, (update, path) => mul(update, groupOf.get(path)?.rateMultiplier ?? 1));
  };
}
