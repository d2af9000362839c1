/** From values to a plan: simplify, fuse, lower, order, place in memory. Pure TypeScript; nothing is computed here. */
import { complaint } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { checkFinite } from '../ops/check-finite';
import { copy } from '../ops/copy';
import { statePath } from '../ops/source';
import { attach } from './attach';
import { fuse, type Group } from './fuse';
import { copyStep, lowerGroup, lowerKernel } from './lower';
import { type Arena, planArena } from './memory';
import { type Schedule, schedule, type Update } from './order';
import { BufferTable, ConstantPool, type NamedType, type Plan, type PlanStep } from './plan';
import { recompute } from './recompute';
import { rematerialize } from './rematerialize';
import { simplify } from './simplify';
import { type Step, storageOf } from './step';

/** What a program takes, gives and keeps. */
export interface ProgramSpec {
  /** Values that leave the program, by name. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** New values of states at the end of an iteration. */
  readonly updates?: readonly Update[];
  /** Feeds in the order in which callers bring them; feeds that nothing uses are allowed. */
  readonly feeds?: readonly Value[];
  /** `finite`: stop at the first value that holds NaN or infinity, and name it. */
  readonly check?: 'finite';
  /** False gives every elementwise op a pass of its own, for tests and comparisons. Default true. */
  readonly fuse?: boolean;
  /** False runs every fused group as a step of its own, for tests and comparisons. Default true, unless checked. */
  readonly tails?: boolean;
}

/** Fetched values must have memory of their own: sources and repeated values are copied. */
function ownedOutputs(outputs: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  return outputs.map((output) => {
    const storage = storageOf(output);
    const owned = storage.node.op.kind !== 'source' && !seen.has(storage);
    seen.add(storage);
    return owned ? storage : copy(output);
  });
}

/** Groups and kernel calls of everything that `roots` need. */
function lower(order: readonly Node[], roots: ReadonlySet<Value>, join: boolean): Step[] {
  const groupOf = fuse(order, join);
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
  return [
    ...[...groups].map((group) => lowerGroup(group, [...(keptOf.get(group) ?? [])])),
    ...kernels.map((node) => lowerKernel(node, isRead)),
  ];
}

/** Checks of the floats among `values`; the error calls them by name, or `otherwise`. */
const checksOf = (values: readonly Value[], otherwise = ''): Step[] =>
  values
    .filter((value) => value.dtype === 'float32')
    .map((value) => ({ ...lowerKernel(checkFinite(value).node, () => true), label: value.name ?? otherwise }));

/** Puts a check behind every step that gives floats, and before all of them on the feeds. */
const withChecks = (steps: readonly Step[], feeds: readonly Value[]): Step[] => [
  ...checksOf(feeds),
  ...steps.flatMap((step) => [step, ...checksOf(step.outputs, step.label)]),
];

const feedName = (node: Node): string => (node.attributes as { name: string }).name;

/** Turns values into buffer numbers once every value has its place. */
class Placer {
  readonly table = new BufferTable();
  readonly constants = new ConstantPool();
  readonly states: NamedType[] = [];

  constructor(
    private readonly arena: Arena,
    private readonly feeds: readonly Value[],
    private readonly fetches: readonly Value[],
    /** States that a value is written to directly. */
    private readonly direct: ReadonlyMap<Value, Value>,
    /** Values that stand where another one will. */
    private readonly shared: ReadonlyMap<Value, Value>,
  ) {}

  stateIndex(state: Value): number {
    const name = statePath(state) as string;
    const known = this.states.findIndex((candidate) => candidate.name === name);
    return known >= 0 ? known : this.states.push({ name, dtype: state.dtype, shape: state.shape }) - 1;
  }

  bufferOf = (value: Value): number => {
    const own = storageOf(value);
    const storage = this.shared.get(own) ?? own;
    const at = (region: 'arena' | 'state' | 'feed' | 'fetch' | 'constant', location: number) =>
      this.table.add(region, location, value.dtype, value.shape);
    const fetched = this.fetches.indexOf(storage);
    if (fetched >= 0) return at('fetch', fetched);
    const written = this.direct.get(storage);
    if (written) return at('state', this.stateIndex(written));
    const block = this.arena.blocks.get(storage);
    if (block) return at('arena', block.offset);
    if (statePath(storage) !== undefined) return at('state', this.stateIndex(storage));
    if (storage.node.op.name === 'constant') {
      return at('constant', this.constants.offsetOf((storage.node.attributes as { tensor: Tensor }).tensor));
    }
    const name = feedName(storage.node);
    const position = this.feeds.findIndex((feed) => feedName(feed.node) === name);
    if (position >= 0) return at('feed', position);
    throw complaint('STATE', {
      where: 'compile',
      what: 'every feed',
      expected: 'declared',
      actual: `'${name}', which is not`,
    });
  };
}

/** What a compilation gives: the plan, and the steps behind it for `explain` and tests. */
export interface Compiled {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  readonly arena: Arena;
}

/**
 * Compiles a program.
 *
 * @throws ConvoltError `STATE` when a used feed is not declared
 */
export function compile(spec: ProgramSpec): Compiled {
  const updates = spec.updates ?? [];
  const { fuse: fused = true, tails = fused && !spec.check } = spec;
  const given = [...Object.values(spec.outputs), ...updates.flatMap(({ state, next }) => [state, next])];
  const simpler = simplify(given);
  const again = fused ? recompute(given.map(simpler), tails) : (value: Value) => value;
  const now = (value: Value): Value => again(simpler(value));
  const outputs = ownedOutputs(Object.values(spec.outputs).map(now));
  const fetches = Object.entries(spec.outputs).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const moved: Update[] = updates
    .map(({ state, next }) => ({ state: now(state), next: now(next) }))
    .filter(({ state, next }) => state !== next)
    .map(({ state, next }) => ({ state, next: statePath(storageOf(next)) === undefined ? next : copy(next) }));

  const roots = new Set([...outputs, ...moved.map(({ next }) => next)]);
  const fetched = new Set(outputs);
  const lowered = lower(reachable([...roots]), roots, fused);
  const steps = tails ? attach(lowered, roots, new Set(moved.map(({ next }) => next))) : lowered;
  const scheduled = schedule(steps, moved, fetched);
  const copies = moved
    .filter((update) => !scheduled.direct.has(update))
    .map(({ state, next }) => copyStep(next, state, `update ${statePath(state)}`));
  return assemble(spec, fetches, outputs, scheduled, copies);
}

function assemble(
  spec: ProgramSpec,
  fetches: readonly NamedType[],
  outputs: readonly Value[],
  scheduled: Schedule,
  copies: readonly Step[],
): Compiled {
  const direct = new Map([...scheduled.direct].map(({ state, next }) => [next, state]));
  const copied = new Set(copies.flatMap((step) => step.outputs));
  const elsewhere = (value: Value) => direct.has(value) || copied.has(value) || outputs.includes(value);
  const lean = rematerialize(scheduled, elsewhere);
  const early = lean.steps.slice(0, lean.firstWrite);
  const checked = spec.check === 'finite' ? withChecks(early, spec.feeds ?? []) : early;
  const steps = [...checked, ...lean.steps.slice(lean.firstWrite), ...copies];
  const arena = planArena(steps, (value) => !elsewhere(value));
  const shared = new Map(steps.flatMap((step) => (step.shared ? [step.shared] : [])));
  const placer = new Placer(arena, spec.feeds ?? [], outputs, direct, shared);
  const planStep = ({ kernel, inputs, outputs: results, attributes, label }: Step, isTail: boolean): PlanStep => ({
    kernel,
    inputs: inputs.map(placer.bufferOf),
    outputs: results.map(placer.bufferOf),
    attributes,
    label,
    isTail,
  });
  const partsOf = (step: Step): readonly Step[] => step.parts ?? [step];
  const planSteps = steps.flatMap((step) => partsOf(step).map((part, i) => planStep(part, i > 0)));
  const feeds = (spec.feeds ?? []).map(({ node, dtype, shape }) => ({ name: feedName(node), dtype, shape }));
  for (const [i, feed] of (spec.feeds ?? []).entries()) placer.table.add('feed', i, feed.dtype, feed.shape);
  for (const [i, fetch] of fetches.entries()) placer.table.add('fetch', i, fetch.dtype, fetch.shape);
  const plan: Plan = {
    arenaBytes: arena.bytes,
    states: placer.states,
    feeds,
    fetches,
    constants: placer.constants.bytes(),
    buffers: placer.table.buffers,
    steps: planSteps,
    firstWrite: checked.flatMap(partsOf).length,
  };
  return { plan, steps, arena };
}
