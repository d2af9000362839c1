/** From ordered steps and planned memory to a plan: every value becomes a buffer, every loop a range of steps. */
import { complaint } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { isLoopInput } from '../ops/scan-body';
import { statePath } from '../ops/source';
import type { Arena } from './memory';
import { BufferTable, ConstantPool, type Location, type NamedType, type PlanLoop, type PlanStep } from './plan';
import { aliasesOf, type BodyPlace, type Step, storageOf } from './step';

export const feedName = (node: Node): string => (node.attributes as { name: string }).name;

/** Where a value stands. */
type Locate = (value: Value) => Location;

const moved = ({ offset, ...rest }: Location, by: number): Location => ({ ...rest, offset: offset + by });

/** Values that stand where another one will, by value. */
const sharedBy = (steps: readonly Step[]): Map<Value, Value> =>
  new Map(steps.flatMap((step) => (step.shared ? [step.shared] : [])));

/** Gathers buffers, steps and loops. */
export class Assembler {
  readonly table = new BufferTable();
  readonly constants = new ConstantPool();
  readonly states: NamedType[] = [];
  readonly steps: PlanStep[] = [];
  readonly loops: PlanLoop[] = [];

  constructor(
    private readonly arena: Arena,
    private readonly feeds: readonly Value[],
    private readonly fetches: readonly Value[],
    /** States that a value is written to directly. */
    private readonly direct: ReadonlyMap<Value, Value>,
  ) {}

  private stateIndex(state: Value): number {
    const name = statePath(state) as string;
    const known = this.states.findIndex((candidate) => candidate.name === name);
    return known >= 0 ? known : this.states.push({ name, dtype: state.dtype, shape: state.shape }) - 1;
  }

  private locate = (storage: Value): Location => {
    const at = (region: Location['region'], location: number) => ({ region, location, offset: 0, moves: [] });
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
    if (isLoopInput(storage)) {
      throw complaint('STATE', {
        where: 'compile',
        what: "the values of a scan's cell",
        expected: 'used in the cell alone',
        actual: 'one that is used outside',
      });
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

  /** How the operands of `steps` are found, where `own` knows the storages. */
  private finder(steps: readonly Step[], own: Locate): Locate {
    const shared = sharedBy(steps);
    const aliases = aliasesOf(steps);
    return (value) => {
      const viewed = storageOf(value);
      const storage = shared.get(viewed) ?? viewed;
      const alias = aliases.get(storage);
      return alias ? moved(own(alias.owner), alias.offset) : own(storage);
    };
  }

  private buffer(value: Value, at: Location): number {
    return this.table.add(at, value.dtype, value.shape);
  }

  private addStep({ kernel, inputs, outputs, attributes, label }: Step, locate: Locate, isTail = false): void {
    const buffers = (values: readonly Value[]) => values.map((value) => this.buffer(value, locate(value)));
    this.steps.push({ kernel, inputs: buffers(inputs), outputs: buffers(outputs), attributes, label, isTail });
  }

  /** The steps of a loop, behind copies of the initial states to where the first turn finds them. */
  private addLoop({ loop, inputs, label }: Step, locate: Locate): void {
    const { count, steps, states, placeOf } = loop as NonNullable<Step['loop']>;
    const start = ({ base, offset }: BodyPlace): Location =>
      moved(locate(typeof base === 'number' ? (inputs[base] as Value) : base), offset);
    states.forEach((state, i) => {
      const initial = inputs[i] as Value;
      const to = this.buffer(state, start(placeOf(state) as BodyPlace));
      const from = this.buffer(initial, locate(initial));
      this.steps.push({ kernel: 'copy', inputs: [from], outputs: [to], attributes: [], label, isTail: false });
    });
    const begin = this.steps.length;
    const number = this.loops.push({ begin, end: begin, count }) - 1;
    const own = (storage: Value): Location => {
      const place = placeOf(storage);
      if (!place) return locate(storage);
      const at = start(place);
      const isMoving = place.stride !== 0 && count > 1;
      return isMoving ? { ...at, moves: [...at.moves, { loop: number, stride: place.stride }] } : at;
    };
    this.addAll(steps, this.finder(steps, own));
    this.loops[number] = { begin, end: this.steps.length, count };
  }

  private addAll(steps: readonly Step[], locate: Locate): void {
    for (const step of steps) {
      if (step.loop) this.addLoop(step, locate);
      else for (const [i, part] of (step.parts ?? [step]).entries()) this.addStep(part, locate, i > 0);
    }
  }

  /** Adds the steps of the program; returns the number of the first one that may write a state. */
  add(early: readonly Step[], late: readonly Step[]): number {
    const locate = this.finder([...early, ...late], this.locate);
    this.addAll(early, locate);
    const firstWrite = this.steps.length;
    this.addAll(late, locate);
    return firstWrite;
  }
}
