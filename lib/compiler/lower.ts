/** Turns nodes into steps: a kernel op becomes one call, a fused group becomes one program of the block interpreter. */
import { ConvoltError } from '../graph/errors';
import { sameShape } from '../graph/tensor';
import type { Node, Value } from '../graph/value';
import { opcodes } from '../ops/elementwise';
import { scalarConstant } from '../ops/source';
import { type Group, operandsOf } from './fuse';
import type { Step } from './step';

/** Tails of the interpreter by op; 0 stores every element. */
const tails: Readonly<Record<string, number>> = { sum: 1, max: 2, min: 3, prod: 4 };

/** The native-only opcode a * b + c stands behind the public list. */
const mulAdd = opcodes.length;

function opcodeOf(node: Node): number {
  const code = opcodes.indexOf(node.op.opcode ?? node.op.name);
  if (code < 0) throw new ConvoltError('OPTION', `compile: expected a known opcode but got '${node.op.name}'`);
  return code;
}

interface Instruction {
  readonly opcode: number;
  readonly result: Value;
  readonly operands: readonly Value[];
}

/** Finds products that only one sum of the group uses, and joins the two into one instruction. */
function instructionsOf(nodes: readonly Node[], kept: ReadonlySet<Value>): Instruction[] {
  const uses = new Map<Value, number>();
  for (const node of nodes) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  const inside = new Set(nodes);
  const absorbable = (value: Value): boolean =>
    value.node.op.name === 'mul' && inside.has(value.node) && uses.get(value) === 1 && !kept.has(value);

  const absorbed = new Set<Node>();
  const factorsOf = new Map<Node, readonly Value[]>();
  for (const node of nodes) {
    if (node.op.name !== 'add') continue;
    const position = node.inputs.findIndex(absorbable);
    if (position < 0) continue;
    const product = (node.inputs[position] as Value).node;
    absorbed.add(product);
    factorsOf.set(node, [...product.inputs, node.inputs[1 - position] as Value]);
  }
  return nodes
    .filter((node) => node.op.kind === 'elementwise' && !absorbed.has(node))
    .map((node) => {
      const factors = factorsOf.get(node);
      const result = node.outputs[0] as Value;
      return factors
        ? { opcode: mulAdd, result, operands: factors }
        : { opcode: opcodeOf(node), result, operands: node.inputs };
    });
}

/** Gives registers to values: operands first, then immediates, then temporaries that are reused after their last use. */
class Registers {
  readonly immediates: number[] = [];
  private readonly numberOf = new Map<Value, number>();
  private readonly immediateOf = new Map<number, number>();
  private readonly free: number[] = [];
  private next: number;

  constructor(operands: readonly Value[], instructions: readonly Instruction[], extra: readonly Value[]) {
    for (const [i, value] of operands.entries()) this.numberOf.set(value, i);
    const read = [...instructions.flatMap((instruction) => instruction.operands), ...extra];
    for (const value of read) {
      const number = scalarConstant(value);
      if (number === undefined || this.numberOf.has(value)) continue;
      const known = this.immediateOf.get(number) ?? operands.length + this.immediates.push(number) - 1;
      this.immediateOf.set(number, known);
      this.numberOf.set(value, known);
    }
    this.next = operands.length + this.immediates.length;
  }

  of(value: Value): number {
    return this.numberOf.get(value) as number;
  }

  take(value: Value): number {
    const register = this.free.pop() ?? this.next++;
    this.numberOf.set(value, register);
    return register;
  }

  release(value: Value): void {
    this.free.push(this.of(value));
  }
}

/** Inputs that an output may overwrite: equal type, so that both walk the same positions. */
function overwritable(inputs: readonly Value[], outputs: readonly Value[], group: Group): [number, number][] {
  return outputs.flatMap((output, o) =>
    inputs.flatMap((input, i): [number, number][] =>
      sameShape(input.shape, group.shape) && sameShape(output.shape, group.shape) && input.dtype === output.dtype
        ? [[o, i]]
        : [],
    ),
  );
}

/**
 * The step of a fused group.
 *
 * @param kept values that are needed outside of the group, in the order of the step's outputs
 */
export function lowerGroup(group: Group, kept: readonly Value[]): Step {
  const nodes = [...group.nodes].sort((a, b) => a.id - b.id);
  const inputs = operandsOf(group.nodes);
  const folded = (value: Value) => (value.node.op.kind === 'reduction' ? (value.node.inputs[0] as Value) : value);
  const instructions = instructionsOf(nodes, new Set(kept.map(folded)));

  const lastUse = new Map<Value, number>();
  instructions.forEach(({ operands }, i) => {
    for (const operand of operands) lastUse.set(operand, i);
  });
  for (const value of kept) lastUse.set(folded(value), instructions.length);

  const registers = new Registers(inputs, instructions, kept.map(folded));
  const isTemporary = new Set(instructions.map(({ result }) => result));
  const code = instructions.flatMap(({ opcode, result, operands }, i) => {
    const [a = -1, b = -1, c = -1] = operands.map((operand) => registers.of(operand));
    for (const operand of new Set(operands)) {
      if (isTemporary.has(operand) && lastUse.get(operand) === i) registers.release(operand);
    }
    return [opcode, registers.take(result), a, b, c];
  });
  const ends = kept.flatMap((value) => {
    const tail = value.node.op.kind === 'reduction' ? (tails[value.node.op.name] ?? 0) : 0;
    return [registers.of(folded(value)), tail];
  });
  const { immediates } = registers;
  return {
    kernel: 'elementwise',
    inputs,
    outputs: kept,
    attributes: [
      group.shape.length,
      ...group.shape,
      immediates.length,
      ...immediates,
      instructions.length,
      ...code,
      ...ends,
    ],
    label: labelOf(nodes.map((node) => node.op.name).join('+'), nodes),
    members: nodes,
    inPlace: overwritable(inputs, kept, group),
    walks: group.shape,
  };
}

/** What was computed, and in which layer. */
function labelOf(text: string, nodes: readonly Node[]): string {
  const path = nodes.find((node) => node.path !== undefined)?.path;
  return path ? `${text} in ${path}` : text;
}

/** The outputs of a kernel op, where those that only a gradient would read are empty unless they are read. */
function outputsOf({ op, outputs }: Node, isRead: (value: Value) => boolean): readonly Value[] {
  const { optionalFrom = outputs.length } = op;
  return outputs.map((output, i) => (i < optionalFrom || isRead(output) ? output : { ...output, shape: [0] }));
}

/** The step of one kernel op. */
export function lowerKernel(node: Node, isRead: (value: Value) => boolean): Step {
  return {
    kernel: node.op.name,
    inputs: node.inputs,
    outputs: outputsOf(node, isRead),
    attributes: node.op.encode?.(node.attributes as never, node) ?? [],
    label: labelOf(node.op.name, [node]),
    members: [node],
    inPlace: (node.op.inPlace ?? []).map((input) => [0, input] as const),
  };
}

/** A step that copies `from` to `to`, a value of the same type. */
export function copyStep(from: Value, to: Value, label: string): Step {
  return { kernel: 'copy', inputs: [from], outputs: [to], attributes: [], label, members: [], inPlace: [] };
}
