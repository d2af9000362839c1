/** From values to a plan: simplify, fuse, lower, order, place in memory. Pure TypeScript; nothing is computed here. */
import type { Value } from '../graph/value';
import { copy } from '../ops/copy';
import { statePath } from '../ops/source';
import { Assembler, feedName } from './assemble';
import { type Arena, planArena } from './memory';
import type { Update } from './order';
import { type OrderedSteps, orderedSteps, simplified, withChecks } from './passes';
import type { NamedType, Plan } from './plan';
import { rematerialize } from './rematerialize';
import { type Step, storageOf } from './step';
import { updateEarly } from './update-early';

/** What a program takes, gives and keeps. */
export interface ProgramSpec {
  /** Values that leave the program, by name. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** New values of states at the end of an iteration. */
  readonly updates?: readonly Update[];
  /** Feeds in the order in which callers bring them; feeds that nothing uses are allowed. */
  readonly feeds?: readonly Value[];
  /**
   * `deferred` (default): states are written by the last steps; `fused`: each as soon as its new value is known and the old
   * one is no longer read, which takes less memory. Not together with `check`.
   */
  readonly update?: 'deferred' | 'fused';
  /** `finite`: stop at the first value that holds NaN or infinity, and name it. */
  readonly check?: 'finite';
  /** False gives every elementwise op a pass of its own, for tests and comparisons. Default true. */
  readonly fuse?: boolean;
  /** False runs every fused group as a step of its own, for tests and comparisons. Default true, unless checked. */
  readonly tails?: boolean;
}

/** Fetched values must have memory of their own: sources, what loops give and repeated values are copied. */
function ownedOutputs(outputs: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  return outputs.map((output) => {
    const storage = storageOf(output);
    const { kind } = storage.node.op;
    const owned = kind !== 'source' && kind !== 'loop' && !seen.has(storage);
    seen.add(storage);
    return owned ? storage : copy(output);
  });
}

/** What a compilation gives: the plan, and the steps behind it for `explain` and tests. */
export interface Compiled {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  readonly arena: Arena;
}

/**
 * Compiles a graph to a plan, which the core verifies and runs.
 *
 * @throws ConvoltError `STATE` when a used feed is not declared
 */
export function compile(spec: ProgramSpec): Compiled {
  const updates = spec.updates ?? [];
  const { fuse = true, tails = fuse && !spec.check } = spec;
  const settings = { fuse, tails, check: spec.check };
  const given = [...Object.values(spec.outputs), ...updates.flatMap(({ state, next }) => [state, next])];
  const now = simplified(given, settings);
  const outputs = ownedOutputs(Object.values(spec.outputs).map(now));
  const fetches = Object.entries(spec.outputs).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const moved: Update[] = updates
    .map(({ state, next }) => ({ state: now(state), next: now(next) }))
    .filter(({ state, next }) => state !== next)
    .map(({ state, next }) => ({ state, next: statePath(storageOf(next)) === undefined ? next : copy(next) }));
  return assemble(spec, fetches, outputs, orderedSteps(outputs, moved, settings));
}

function assemble(
  spec: ProgramSpec,
  fetches: readonly NamedType[],
  outputs: readonly Value[],
  scheduled: OrderedSteps,
): Compiled {
  const { copies } = scheduled;
  const direct = new Map([...scheduled.direct].map(({ state, next }) => [next, state]));
  const copied = new Set(copies.flatMap((step) => step.outputs));
  const elsewhere = (value: Value) => direct.has(value) || copied.has(value) || outputs.includes(value);
  const made = rematerialize(scheduled, elsewhere);
  const lean = spec.update === 'fused' && !spec.check ? updateEarly(made, scheduled.direct, outputs) : made;
  const early = lean.steps.slice(0, lean.firstWrite);
  const checked = spec.check === 'finite' ? withChecks(early, spec.feeds ?? []) : early;
  const steps = [...checked, ...lean.steps.slice(lean.firstWrite), ...copies];
  const arena = planArena(steps, (value) => !elsewhere(value));
  const feeds = spec.feeds ?? [];
  const assembler = new Assembler(arena, feeds, outputs, direct);
  const firstWrite = assembler.add(checked, [...lean.steps.slice(lean.firstWrite), ...copies]);
  const whole = (region: 'feed' | 'fetch', location: number) => ({ region, location, offset: 0, moves: [] });
  for (const [i, feed] of feeds.entries()) assembler.table.add(whole('feed', i), feed.dtype, feed.shape);
  for (const [i, fetch] of fetches.entries()) assembler.table.add(whole('fetch', i), fetch.dtype, fetch.shape);
  const plan: Plan = {
    arenaBytes: arena.bytes,
    states: assembler.states,
    feeds: feeds.map(({ node, dtype, shape }) => ({ name: feedName(node), dtype, shape })),
    fetches,
    constants: assembler.constants.bytes(),
    buffers: assembler.table.buffers,
    steps: assembler.steps,
    loops: assembler.loops,
    firstWrite,
  };
  return { plan, steps, arena };
}
