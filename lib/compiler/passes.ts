/** The passes from values to ordered steps, which programs and the bodies of loops go through alike. */
import { type Node, reachable, type Value } from '../graph/value';
import { checkFinite } from '../ops/check-finite';
import { statePath } from '../ops/source';
import { attach } from './attach';
import { fuse, type Group } from './fuse';
import { hoist } from './hoist';
import { lowerLoop } from './loop';
import { copyStep, lowerGroup, lowerKernel } from './lower';
import { type Schedule, schedule, type Update } from './order';
import { prune } from './prune';
import { recompute } from './recompute';
import { simplify } from './simplify';
import type { Step } from './step';

/** Which passes run. */
export interface Settings {
  /** `finite`: a check behind every step that gives floats. */
  readonly check?: 'finite';
  /** False gives every elementwise op a pass of its own. */
  readonly fuse: boolean;
  /** False runs every fused group as a step of its own. */
  readonly tails: boolean;
}

/** Groups, kernel calls and loops of everything that `roots` need. */
function lower(order: readonly Node[], roots: ReadonlySet<Value>, settings: Settings): Step[] {
  const groupOf = fuse(order, settings.fuse);
  const keptOf = new Map<Group, Set<Value>>();
  const keep = (value: Value, user?: Node) => {
    const group = groupOf.get(value.node);
    if (!group || (user && groupOf.get(user) === group)) return;
    const kept = keptOf.get(group);
    if (kept) kept.add(value);
    else keptOf.set(group, new Set([value]));
  };
  for (const node of order) for (const input of node.inputs) keep(input, node);
  for (const root of roots) keep(root);

  const groups = new Set(groupOf.values());
  const read = new Set(order.flatMap((node) => node.inputs));
  const isRead = (value: Value): boolean => read.has(value) || roots.has(value);
  const kernels = order.filter((node) => node.op.kind === 'kernel');
  const loops = order.filter((node) => node.op.kind === 'loop');
  return [
    ...[...groups].map((group) => lowerGroup(group, [...(keptOf.get(group) ?? [])])),
    ...kernels.map((node) => lowerKernel(node, isRead)),
    ...loops.map((node) => lowerLoop(node, passesWith(settings))),
  ];
}

/** Checks of the floats among `values`; the error calls them by name, or `otherwise`. */
const checksOf = (values: readonly Value[], otherwise = ''): Step[] =>
  values
    .filter((value) => value.dtype === 'float32')
    .map((value) => ({ ...lowerKernel(checkFinite(value).node, () => true), label: value.name ?? otherwise }));

/** Puts a check behind every step that gives floats, and before all of them on the feeds; loops have their own. */
export const withChecks = (steps: readonly Step[], feeds: readonly Value[]): Step[] => [
  ...checksOf(feeds),
  ...steps.flatMap((step) => [step, ...(step.loop ? [] : checksOf(step.outputs, step.label))]),
];

/** What the steps of a program or body compute, in the order in which they run. */
export interface OrderedSteps extends Schedule {
  /** Copies of new values to their states, which run last. */
  readonly copies: readonly Step[];
}

/** The steps that give `outputs`, each of which needs a place of its own, and the new values of states. */
export function orderedSteps(outputs: readonly Value[], updates: readonly Update[], settings: Settings): OrderedSteps {
  const written = updates.map(({ next }) => next);
  const roots = new Set([...outputs, ...written]);
  const lowered = lower(reachable([...roots]), roots, settings);
  const steps = settings.tails ? attach(lowered, roots, new Set(written)) : lowered;
  const scheduled = schedule(steps, updates, new Set(outputs));
  const copies = updates
    .filter((update) => !scheduled.direct.has(update))
    .map(({ state, next }) => copyStep(next, state, `update ${statePath(state) ?? 'of a state'}`));
  return { ...scheduled, copies };
}

/** Rewrites what `roots` need into less work. */
export function simplified(roots: readonly Value[], settings: Settings): (old: Value) => Value {
  const passes = [prune, ...(settings.fuse ? [hoist, prune] : []), simplify];
  if (settings.fuse) passes.push((values) => recompute(values, settings.tails));
  return passes.reduce(
    (before, pass) => {
      const now = pass(roots.map(before));
      return (value: Value) => now(before(value));
    },
    (value: Value) => value,
  );
}

const passesWith = (settings: Settings) => ({
  simplify: (roots: readonly Value[]) => simplified(roots, settings),
  order: (outputs: readonly Value[], updates: readonly Update[]) => {
    const { steps, copies, direct } = orderedSteps(outputs, updates, settings);
    const checked = settings.check === 'finite' ? withChecks(steps, []) : steps;
    return { steps: [...checked, ...copies], direct };
  },
});
