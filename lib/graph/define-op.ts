/** One form for every op: its shape rule, its gradient rule and how it reaches the native core, side by side. */
import { ConvoltError, complaint } from './errors';
import { showType, type TensorType } from './tensor';
import { type Attributes, makeNode, type Node, type Value } from './value';

/** What a gradient rule is given. */
export interface GradientContext<A> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
}

/**
 * How an op is computed.
 * - `source`: nothing to compute; state, feeds and constants.
 * - `elementwise`: the opcode `op.opcode ?? op.name` of the block interpreter; operands broadcast.
 * - `view`: same elements in the same order under another shape; never copies.
 * - `reduction`: folds axes away; the compiler makes it the tail of an elementwise pass. Attributes: `{ axes }`.
 * - `kernel`: the native kernel `op.name`.
 * - `loop`: a body of other nodes, repeated. Attributes: those of `LoopAttributes` in ops/scan-body.ts.
 */
export type OpKind = 'source' | 'elementwise' | 'view' | 'reduction' | 'kernel' | 'loop';

export interface OpDefinition<A = Attributes> {
  readonly name: string;
  readonly kind: OpKind;
  /** Shape rule: output types from input types; throws a complaint when they do not fit. */
  infer(inputs: readonly Value[], attributes: A): TensorType | readonly TensorType[];
  /**
   * Gradient rule: for each input the gradient, or null where there is none. `gradients` has one entry per
   * output, null where the output has no influence. May return a broadcast shape: the walker sums it down.
   */
  gradient?(context: GradientContext<A>, gradients: readonly (Value | null)[]): readonly (Value | null)[];
  /** Attributes as flat numbers, in the order in which the kernel's `decode` reads them. */
  encode?(attributes: A, node: Node): readonly number[];
  /** The same result written in other ops; a test proves that the kernel agrees, forward and gradient. */
  define?(inputs: readonly Value[], attributes: A): Value | readonly Value[];
  /** The interpreter's opcode of an elementwise op, where it is not the op's name. */
  readonly opcode?: string;
  /** True for a kernel that can hand its output 0 to a fused group range by range (`tail_ranges` of the native class). */
  readonly tail?: boolean;
  /** Outputs from this position on serve the gradient: a kernel is given empty ones where nobody reads them. */
  readonly optionalFrom?: number;
  /** Input positions that output 0 may overwrite (same position read before it is written). */
  readonly inPlace?: readonly number[];
}

/** Every op by name; the house tests walk it. */
export const registry = new Map<string, OpDefinition<never>>();

/** What `defineOp` returns: applies the op to values and gives its node. */
export type ApplyOp<A> = ((inputs: readonly Value[], attributes: A) => Node) & { readonly definition: OpDefinition<A> };

/**
 * Registers an op.
 *
 * @returns a function that applies the op; wrap it in a friendly, documented function
 * @throws ConvoltError `OPTION` when the name is taken
 */
export function defineOp<A extends Attributes>(definition: OpDefinition<A>): ApplyOp<A> {
  if (registry.has(definition.name)) {
    throw new ConvoltError('OPTION', `defineOp: expected a new name but got '${definition.name}', which exists`);
  }
  const stored = definition as unknown as OpDefinition<never>;
  registry.set(definition.name, stored);
  const apply = (inputs: readonly Value[], attributes: A): Node => {
    const inferred = definition.infer(inputs, attributes);
    const types = Array.isArray(inferred) ? inferred : [inferred as TensorType];
    return makeNode(stored, inputs, attributes, types);
  };
  return Object.assign(apply, { definition });
}

/** Throws unless `input` has one of `allowed` element types. */
export function expectDType(where: string, what: string, input: Value, ...allowed: TensorType['dtype'][]): void {
  if (allowed.includes(input.dtype)) return;
  throw complaint('DTYPE', { where, what, expected: allowed.join(' or '), actual: showType(input) });
}

/** Throws unless `input` has `rank` dimensions, which `letters` name, e.g. `[N, H, W, C]`. */
export function expectRank(where: string, what: string, input: Value, rank: number, letters: string): void {
  if (input.shape.length === rank) return;
  throw complaint('SHAPE', { where, what, expected: letters, actual: showType(input) });
}

/** The axis counted from the front; negative axes count from the back. */
export function resolveAxis(where: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < rank) return resolved;
  throw complaint('SHAPE', {
    where,
    what: 'the axis',
    expected: `between ${-rank} and ${rank - 1}`,
    actual: `${axis}`,
  });
}
