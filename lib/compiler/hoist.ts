/**
 * Moves work out of loops: what no state has a part in is computed for all steps at once before the loop (the products
 * of a sequence and its weights), and what no state waits for, after it (output projections; the gradients of weights,
 * which become one product over all steps).
 */
import { sameShape } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { add } from '../ops/elementwise';
import {
  type Body,
  enclose,
  inside,
  type LoopAttributes,
  loopInput,
  loopOf,
  outputTypes,
  outside,
  type Place,
} from '../ops/scan-body';
import { applyToAll, canApplyToAll, canOnlyBeSummed, type Operand, stackedForm, sumOverSteps } from './all-steps';
import { simplify } from './simplify';

/** What a value changes with. */
enum Level {
  number,
  capture,
  sequence,
  state,
}

/** Work that gains by being done for all steps at once; the rest goes along where it must. */
const isHeavy = ({ op }: Node): boolean => op.name === 'matmul' || op.name === 'scatterAdd';

/** A state that only gathers: its new value is itself plus `term`. */
interface Sum {
  readonly state: number;
  readonly node: Node;
  readonly term: Value;
}

class Hoist {
  private readonly body: Body;
  private readonly length: number;
  private readonly order: readonly Node[];
  private readonly levels = new Map<Value, Level>();
  private readonly usersOf = new Map<Value, Node[]>();
  private readonly sums: readonly Sum[];
  /** Nodes that are computed before the loop, and after it. */
  private readonly before = new Set<Node>();
  private readonly after = new Set<Node>();
  /** What stands for values outside of the loop. */
  private readonly operands = new Map<Value, Operand>();

  constructor(
    private readonly node: Node,
    private readonly loop: LoopAttributes,
    private readonly inputs: readonly Value[],
  ) {
    const { body, length } = loop;
    const roots = [...body.next, ...body.stacked];
    const inner = hoist(roots);
    const simpler = simplify(roots.map(inner));
    const now = (value: Value): Value => simpler(inner(value));
    this.body = { ...body, next: body.next.map(now), stacked: body.stacked.map(now) };
    this.length = length;
    this.order = reachable([...this.body.next, ...this.body.stacked]);
    this.setLevels();
    this.sums = this.findSums();
    this.findBefore();
    this.findAfter();
  }

  private setLevels(): void {
    const { states, sequences, captures } = this.body;
    for (const value of captures) this.levels.set(value, Level.capture);
    for (const value of sequences) this.levels.set(value, Level.sequence);
    for (const value of states) this.levels.set(value, Level.state);
    for (const node of this.order) {
      const level = Math.max(Level.number, ...node.inputs.map((input) => this.level(input)));
      for (const output of node.outputs) if (!this.levels.has(output)) this.levels.set(output, level);
      for (const input of new Set(node.inputs)) this.usersOf.set(input, [...(this.usersOf.get(input) ?? []), node]);
    }
  }

  private level = (value: Value): Level => this.levels.get(value) ?? Level.number;
  private nodeLevel = (node: Node): Level => this.level(node.outputs[0] as Value);
  private users = (value: Value): readonly Node[] => this.usersOf.get(value) ?? [];

  private findSums(): Sum[] {
    const { states, next, stacked } = this.body;
    return states.flatMap((state, i): Sum[] => {
      const value = next[i] as Value;
      const { node } = value;
      const position = node.inputs.indexOf(state);
      const term = node.inputs[1 - position];
      const isSum = node.op.name === 'add' && position >= 0 && term !== undefined && term !== state;
      const isAlone = this.users(state).length === 1 && this.users(value).length === 0;
      const isSeen =
        stacked.includes(value) || stacked.includes(state) || next.indexOf(value) !== next.lastIndexOf(value);
      return isSum && isAlone && !isSeen && sameShape(term.shape, state.shape) ? [{ state: i, node, term }] : [];
    });
  }

  /** True when some operands of a node are parts of stacked values outside. */
  private canMove = (node: Node): boolean =>
    canApplyToAll(
      node,
      node.inputs.map((input) => this.level(input) >= Level.sequence),
    );

  private findBefore(): void {
    const { sequences, stacked } = this.body;
    const able = new Set<Node>(sequences.map((value) => value.node));
    for (const node of this.order) {
      const level = this.nodeLevel(node);
      if (node.inputs.length === 0 || level === Level.number || level === Level.state) continue;
      const isAble = node.inputs.every((input) => this.level(input) < Level.sequence || able.has(input.node));
      if (level === Level.capture || (isAble && this.canMove(node))) able.add(node);
    }
    const asked = new Set([...stacked, ...this.sums.map(({ term }) => term)].map((value) => value.node));
    for (const node of this.order) {
      if (!able.has(node) || node.inputs.length === 0) continue;
      const moved = node.inputs.filter((input) => this.before.has(input.node));
      const goesAlong =
        node.op.kind === 'elementwise'
          ? moved.some((input) => sameShape(input.shape, (node.outputs[0] as Value).shape))
          : moved.length > 0;
      const isConstant = this.nodeLevel(node) === Level.capture;
      if (isHeavy(node) || goesAlong || isConstant || asked.has(node)) this.before.add(node);
    }
    for (const node of [...this.order].reverse()) {
      if (!this.before.has(node)) continue;
      for (const { node: earlier } of node.inputs) {
        if (earlier.inputs.length > 0 && this.nodeLevel(earlier) > Level.number) this.before.add(earlier);
      }
    }
  }

  private findAfter(): void {
    const sums = new Set(this.sums.map(({ node }) => node));
    const awaited = new Set(
      this.body.next.filter((_, i) => !this.sums.some(({ state }) => state === i)).map((value) => value.node),
    );
    const able = new Set<Node>();
    for (const node of [...this.order].reverse()) {
      if (this.nodeLevel(node) < Level.sequence || node.inputs.length === 0) continue;
      if (this.before.has(node) || awaited.has(node) || sums.has(node)) continue;
      const users = node.outputs.flatMap(this.users);
      const isSummed = users.length > 0 && users.every((user) => sums.has(user)) && canOnlyBeSummed(node);
      if (!users.every((user) => able.has(user) || sums.has(user))) continue;
      if (isSummed || this.canMove(node)) able.add(node);
    }
    for (const node of this.order) {
      if (able.has(node) && (isHeavy(node) || node.inputs.some((input) => this.after.has(input.node)))) {
        this.after.add(node);
      }
    }
  }

  private operandOf = (value: Value): Operand => this.operands.get(value) ?? { value, isStacked: false };

  /** Makes a node outside of the loop. */
  private move(node: Node): void {
    const operands = node.inputs.map(this.operandOf);
    const isStacked = operands.some((operand) => operand.isStacked);
    const plain = operands.map(({ value }) => value);
    const outputs = isStacked
      ? applyToAll(node, operands, this.length)
      : makeNode(node.op, plain, node.attributes, node.outputs, node.path).outputs;
    node.outputs.forEach((output, i) => {
      this.operands.set(output, { value: outputs[i] as Value, isStacked });
    });
  }

  /** Values of the loop that are needed for all steps. */
  private wanted(): Value[] {
    const isInside = (value: Value): boolean =>
      this.level(value) >= Level.sequence && !this.operands.has(value) && !this.after.has(value.node);
    const read = [...this.after].flatMap((node) => node.inputs);
    return [...new Set([...this.body.stacked, ...read])].filter(isInside);
  }

  /** The loop with what remains in it; its stacked values become operands. */
  private makeLoop(states: readonly number[]): readonly Value[] {
    const { body, inputs } = this;
    const stacked = this.wanted();
    if (states.length === 0 && stacked.length === 0) return [];
    const known = new Map<Value, () => Place>();
    for (const value of [...body.states, ...body.sequences, ...body.captures]) known.set(value, () => inside(value));
    const parts: { placeholder: Value; whole: Value }[] = [];
    for (const node of this.before) {
      for (const output of node.outputs) {
        const { value, isStacked } = this.operandOf(output);
        known.set(output, () => {
          if (!isStacked) return outside(value);
          const placeholder = loopInput(output);
          parts.push({ placeholder, whole: value });
          return inside(placeholder);
        });
      }
    }
    const next = states.map((i) => body.next[i] as Value);
    const { roots, captures } = enclose([...next, ...stacked], known);
    const made: Body = {
      states: states.map((i) => body.states[i] as Value),
      sequences: [...body.sequences, ...parts.map(({ placeholder }) => placeholder)],
      captures: [...body.captures, ...captures.keys()],
      next: roots.slice(0, next.length),
      stacked: roots.slice(next.length),
    };
    const first = body.states.length + body.sequences.length;
    const operands = [
      ...states.map((i) => inputs[i] as Value),
      ...inputs.slice(body.states.length, first),
      ...parts.map(({ whole }) => whole),
      ...inputs.slice(first),
      ...captures.values(),
    ];
    const types = outputTypes({ body: made, length: this.length });
    const { outputs } = makeNode(this.node.op, operands, { ...this.loop, body: made }, types, this.node.path);
    for (const [k, value] of stacked.entries()) {
      this.operands.set(value, { value: outputs[next.length + k] as Value, isStacked: true });
    }
    return outputs;
  }

  /** What replaces the outputs of the loop. */
  run(): Value[] {
    const { body, inputs } = this;
    const first = body.states.length;
    body.sequences.forEach((value, j) => {
      this.operands.set(value, { value: inputs[first + j] as Value, isStacked: true });
    });
    body.captures.forEach((value, c) => {
      const outer = inputs[first + body.sequences.length + c] as Value;
      this.operands.set(value, { value: outer, isStacked: false });
    });
    for (const node of this.order) if (this.before.has(node)) this.move(node);

    const isOutside = ({ term }: Sum) =>
      this.after.has(term.node) || (this.operands.has(term) && this.level(term) === Level.sequence);
    const moved = this.sums.filter(isOutside);
    const states = body.states.flatMap((_, i) => (moved.some(({ state }) => state === i) ? [] : [i]));
    const outputs = this.makeLoop(states);
    for (const node of this.order) if (this.after.has(node) && !canOnlyBeSummed(node)) this.move(node);

    const steps = {
      length: this.length,
      operandOf: this.operandOf,
      isMoved: (node: Node) => this.before.has(node) || this.after.has(node),
    };
    const lasts = body.states.map((_, i) => {
      const sum = moved.find(({ state }) => state === i);
      return sum ? add(inputs[i] as Value, sumOverSteps(sum.term, steps)) : (outputs[states.indexOf(i)] as Value);
    });
    return [...lasts, ...body.stacked.map((value) => stackedForm(this.operandOf(value), this.length))];
  }
}

/** The loop with the work of the loops in its body moved. */
function within(loop: LoopAttributes): LoopAttributes {
  const { next, stacked } = loop.body;
  const now = hoist([...next, ...stacked]);
  return { ...loop, body: { ...loop.body, next: next.map(now), stacked: stacked.map(now) } };
}

/**
 * Rewrites everything that `roots` need.
 *
 * @returns for every value of the old graph its value in the new one
 */
export function hoist(roots: readonly Value[]): (old: Value) => Value {
  const order = reachable(roots);
  const replaced = new Map<Value, Value>();
  const now = (old: Value): Value => replaced.get(old) ?? old;
  if (!order.some(loopOf)) return now;
  for (const node of order) {
    const loop = loopOf(node);
    const inputs = node.inputs.map(now);
    if (!loop && inputs.every((input, i) => input === node.inputs[i])) continue;
    const made =
      loop && !loop.recompute
        ? new Hoist(node, loop, inputs).run()
        : makeNode(node.op, inputs, loop ? within(loop) : node.attributes, node.outputs, node.path).outputs;
    node.outputs.forEach((output, i) => {
      const value = made[i] as Value;
      if (output.name !== undefined && value.name === undefined) value.name = output.name;
      replaced.set(output, value);
    });
  }
  return now;
}
