/** Lowers a loop: its body goes through the same passes as a program, and its values get places that move with the turns. */
import { bytesOf } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { copy } from '../ops/copy';
import { type LoopAttributes, loopInput, loopOf } from '../ops/scan-body';
import { planArena } from './memory';
import type { Update } from './order';
import { type Alias, type BodyPlace, type Step, storageOf } from './step';

/** The passes that a body goes through. */
export interface Passes {
  /** Rewrites a graph; gives for every value of the old one its value in the new one. */
  simplify(roots: readonly Value[]): (old: Value) => Value;
  /** Steps in the order in which they run, and the updates that a step writes directly. */
  order(
    outputs: readonly Value[],
    updates: readonly Update[],
  ): { readonly steps: readonly Step[]; readonly direct: ReadonlySet<Update> };
}

/** Hands out values that steps of the body can write where they shall stand, each once. */
class Owner {
  private readonly claimed = new Set<Value>();

  /** The storage of `value`, or that of a copy where it stands elsewhere already. */
  own(value: Value): Value {
    const storage = storageOf(value);
    const { kind } = storage.node.op;
    const isFree = kind !== 'source' && kind !== 'loop' && !this.claimed.has(storage);
    const owned = isFree ? storage : copy(value);
    this.claimed.add(owned);
    return owned;
  }
}

/** A place that moves forward, or from the end to the beginning; `skip` is counted in turns. */
const moving = (base: number | Value, bytes: number, count: number, reverse: boolean, skip = 0): BodyPlace => ({
  base,
  offset: (reverse ? count - 1 - skip : skip) * bytes,
  stride: reverse ? -bytes : bytes,
});

class LoopLowering {
  private readonly attributes: LoopAttributes;
  private readonly places = new Map<Value, BodyPlace>();
  private readonly aliases = new Map<Value, Alias>();
  private readonly memory: Value[] = [];
  private readonly owner = new Owner();
  private readonly outputs: Value[] = [];
  private readonly updates: Update[] = [];

  constructor(
    private readonly node: Node,
    private readonly passes: Passes,
  ) {
    this.attributes = loopOf(node) as LoopAttributes;
  }

  /** Sequences and captures stand where the loop's inputs do. */
  private placeInputs(): void {
    const { body, length, reverse } = this.attributes;
    const inputs = [...body.states, ...body.sequences, ...body.captures];
    for (const [i, value] of inputs.entries()) {
      if (i < body.states.length) continue;
      const isPart = i < body.states.length + body.sequences.length;
      const place = isPart ? moving(i, bytesOf(value), length, reverse) : { base: i, offset: 0, stride: 0 };
      this.places.set(value, place);
    }
  }

  /**
   * A state whose numbers of all turns are wanted stands in one row per turn and one more: a turn reads its row and
   * writes the next one. What is stacked of it is a part of these rows.
   */
  private placeInRows(i: number, next: Value, stacked: readonly Value[]): void {
    const { body, length, reverse } = this.attributes;
    const state = body.states[i] as Value;
    const bytes = bytesOf(state);
    const rows = loopInput({ dtype: state.dtype, shape: [length + 1, ...state.shape] });
    this.memory.push(rows);
    const written = this.owner.own(next);
    this.outputs.push(written);
    this.places.set(state, moving(rows, bytes, length + 1, reverse));
    this.places.set(written, moving(rows, bytes, length + 1, reverse, 1));
    this.aliases.set(this.output(i), { owner: rows, offset: reverse ? 0 : length * bytes });
    for (const [k, value] of stacked.entries()) {
      const storage = storageOf(value);
      if (storage !== state && storage !== written) continue;
      const isLater = (storage === written) !== reverse;
      this.aliases.set(this.output(body.next.length + k), { owner: rows, offset: isLater ? bytes : 0 });
    }
  }

  /** A state that only its own turn knows is written over. */
  private placeInPlace(i: number, next: Value): void {
    const state = this.attributes.body.states[i] as Value;
    this.places.set(state, { base: this.output(i), offset: 0, stride: 0 });
    if (storageOf(next) === state) return;
    this.updates.push({ state, next: storageOf(next).node.op.kind === 'source' ? copy(next) : next });
  }

  private output(index: number): Value {
    return this.node.outputs[index] as Value;
  }

  lower(): Step {
    const { body, length, reverse } = this.attributes;
    const now = this.passes.simplify([...body.next, ...body.stacked]);
    const next = body.next.map(now);
    const stacked = body.stacked.map(now);
    this.placeInputs();
    for (const [i, state] of body.states.entries()) {
      const wanted = [state, storageOf(next[i] as Value)];
      const inRows = stacked.some((value) => wanted.includes(storageOf(value)));
      if (inRows) this.placeInRows(i, next[i] as Value, stacked);
      else this.placeInPlace(i, next[i] as Value);
    }
    for (const [k, value] of stacked.entries()) {
      const output = this.output(body.next.length + k);
      if (this.aliases.has(output)) continue;
      const owned = this.owner.own(value);
      this.outputs.push(owned);
      this.places.set(owned, moving(output, bytesOf(value), length, reverse));
    }
    const { steps, direct } = this.passes.order(this.outputs, this.updates);
    for (const { state, next: written } of direct) this.places.set(written, this.places.get(state) as BodyPlace);
    return this.step(steps);
  }

  private step(steps: readonly Step[]): Step {
    const { body, length } = this.attributes;
    const arena = planArena(steps, (value) => !this.places.has(value));
    const workspace = loopInput({ dtype: 'uint8', shape: [arena.bytes] });
    const placeOf = (storage: Value): BodyPlace | undefined => {
      const block = arena.blocks.get(storage);
      return block ? { base: workspace, offset: block.offset, stride: 0 } : this.places.get(storage);
    };
    const { inputs, outputs, path } = this.node;
    return {
      kernel: 'loop',
      inputs,
      outputs: [...outputs, ...this.memory, workspace],
      attributes: [],
      label: path ? `scan in ${path}` : 'scan',
      members: [this.node],
      inPlace: [],
      loop: { count: length, steps, states: body.states, placeOf },
      aliases: this.aliases,
    };
  }
}

/** The step of a loop, all of whose outputs are wanted. */
export const lowerLoop = (node: Node, passes: Passes): Step => new LoopLowering(node, passes).lower();
