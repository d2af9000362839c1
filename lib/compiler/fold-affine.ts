/**
 * Folds factors and summands of channels into the constant weights of the convolution or product beside them, so that
 * batch normalisation costs nothing: L(x, w) * a + b = L(x, w * a) + b, and L(x * a + b, w) = L(x, w * a) + L(b, w).
 * What remains of them is one summand per channel, which stands behind residual sums as well.
 */
import { tracingAt } from '../graph/errors';
import { sameShape, sizeOf } from '../graph/tensor';
import { makeNode, type Node, reachable, type Value } from '../graph/value';
import { binarizedFrom } from '../ops/binarize';
import { add, mul, neg, reciprocal } from '../ops/elementwise';
import { reshape } from '../ops/shape';
import { constant, scalarConstant } from '../ops/source';
import { fixedNodes } from './fixed';
import { applied, linearRule } from './linear';
import { countUses } from './uses';

/** A value of the new graph, written base * factor + summand; both are vectors, [C] or [1]. */
interface Form {
  /** The base with a factor. */
  readonly base: (factor?: Value) => Value;
  /** How the base takes factors and summands: into weights, behind a sum, or not at all. */
  readonly kind: 'linear' | 'sum' | 'plain';
  readonly factor?: Value;
  readonly summand?: Value;
}

const together = (
  a: Value | undefined,
  b: Value | undefined,
  join: (a: Value, b: Value) => Value,
): Value | undefined => (a && b ? join(a, b) : (a ?? b));

const plain = (value: Value): Form => ({ base: (factor) => (factor ? mul(value, factor) : value), kind: 'plain' });

const unshifted = ({ base, factor }: Form): Value => base(factor);

const realized = (form: Form): Value => {
  const value = unshifted(form);
  return form.summand ? add(value, form.summand) : value;
};

/** base * (factor * more) + summand * more; a plain base keeps the order in which it was written. */
function scaled(form: Form, more: Value): Form {
  if (form.kind !== 'linear') return { ...plain(realized(form)), factor: more };
  return {
    ...form,
    factor: together(form.factor, more, mul),
    summand: form.summand && mul(form.summand, more),
  };
}

const shifted = (form: Form, more: Value): Form =>
  form.kind === 'plain' && form.summand
    ? { ...plain(realized(form)), summand: more }
    : { ...form, summand: together(form.summand, more, add) };

/** Divisors whose reciprocal is an ordinary number. */
const isOrdinary = (number: number | undefined): boolean =>
  number !== undefined && Math.abs(number) > 1e-30 && Math.abs(number) < 1e30;

class AffineFolder {
  /** Values that depend on no feed: they are rebuilt as they are. */
  private readonly fixed: ReadonlySet<Node>;
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly forms = new Map<Value, Form>();
  private readonly made = new Map<Value, Value>();

  constructor(
    private readonly order: readonly Node[],
    roots: readonly Value[],
  ) {
    this.uses = countUses(order, roots);
    this.fixed = fixedNodes(order);
  }

  /** The value in the new graph. */
  now(old: Value): Value {
    const known = this.made.get(old);
    if (known) return known;
    const form = this.forms.get(old);
    if (!form) return old;
    const value = tracingAt(old.node.path ?? '', () => realized(form));
    if (old.name !== undefined && value.name === undefined) value.name = old.name;
    this.made.set(old, value);
    return value;
  }

  /** The value for its only user, which may fold into it; for several users it is computed once, as it is. */
  private taken(old: Value): Form {
    return (this.uses.get(old) === 1 && this.forms.get(old)) || plain(this.now(old));
  }

  /** The operand as a vector if it is fixed and the same everywhere but along the last axis of `node`'s output. */
  private vector(node: Node, position: number): Value | undefined {
    const operand = node.inputs[position] as Value;
    const other = node.inputs[1 - position] as Value;
    const output = node.outputs[0] as Value;
    const isVector =
      output.shape.length > 0 &&
      this.fixed.has(operand.node) &&
      operand.shape.slice(0, -1).every((length) => length === 1) &&
      sameShape(other.shape, output.shape) &&
      output.dtype === 'float32';
    return isVector ? reshape(this.now(operand), [sizeOf(operand.shape)]) : undefined;
  }

  private sum(node: Node): Form | undefined {
    for (const position of [1, 0]) {
      const vector = this.vector(node, position);
      if (vector) return shifted(this.taken(node.inputs[1 - position] as Value), vector);
    }
    const [a, b] = node.inputs as [Value, Value];
    if (a === b || !sameShape(a.shape, b.shape)) return undefined;
    const [first, second] = [this.taken(a), this.taken(b)];
    const movable = ({ kind, summand }: Form) => summand !== undefined && kind !== 'plain';
    if (!movable(first) && !movable(second)) return undefined;
    const part = (form: Form) => (movable(form) ? unshifted(form) : realized(form));
    const moved = [first, second].filter(movable).map(({ summand }) => summand as Value);
    const total = add(part(first), part(second));
    return { ...plain(total), kind: 'sum', summand: moved.reduce((left, right) => add(left, right)) };
  }

  private product(node: Node): Form | undefined {
    for (const position of [1, 0]) {
      const vector = this.vector(node, position);
      if (vector) return scaled(this.taken(node.inputs[1 - position] as Value), vector);
    }
    return undefined;
  }

  private view(node: Node): Form | undefined {
    const [input] = node.inputs as [Value];
    const output = node.outputs[0] as Value;
    const form = this.taken(input);
    const isSame = input.shape.at(-1) === output.shape.at(-1);
    const fits = [form.factor, form.summand].every((vector) => !vector || isSame || sizeOf(vector.shape) === 1);
    return fits ? { ...form, base: (factor) => reshape(form.base(factor), output.shape) } : undefined;
  }

  private linear(node: Node): Form | undefined {
    const rule = linearRule(node);
    const [x, weights] = node.inputs as [Value, Value];
    // Weights of +-1 stay what they are: their sums are whole, and one bit holds each.
    const isFoldable = rule && this.fixed.has(weights.node) && !this.fixed.has(x.node) && !binarizedFrom(weights);
    if (!isFoldable) return undefined;
    const input = this.taken(x);
    const own = input.kind === 'plain' ? input.factor : undefined;
    const canScale = !own || rule.scaleInput;
    const canShift = !input.summand || (rule.shiftInput && (input.kind !== 'plain' || own));
    const isOpen = canScale && canShift;
    const old = this.now(weights);
    const w = isOpen && own ? (rule.scaleInput as NonNullable<typeof rule.scaleInput>)(node, old, own) : old;
    const from = isOpen ? input.base(input.kind === 'plain' ? undefined : input.factor) : realized(input);
    return {
      base: (factor) => applied(node, from, factor ? rule.scaleOutput(node, w, factor) : w),
      kind: 'linear',
      summand: isOpen && input.summand ? rule.shiftInput?.(node, old, input.summand) : undefined,
    };
  }

  private form(node: Node): Form | undefined {
    const [a, b] = node.inputs as [Value, Value];
    switch (node.op.name) {
      case 'add':
        return this.sum(node);
      case 'sub': {
        const vector = this.vector(node, 1);
        return vector && shifted(this.taken(a), neg(vector));
      }
      case 'mul':
        return this.product(node);
      case 'div': {
        const vector = isOrdinary(scalarConstant(b)) ? this.vector(node, 1) : undefined;
        return vector && scaled(this.taken(a), reciprocal(vector));
      }
      case 'neg': {
        const form = this.taken(a);
        return form.kind === 'linear' ? scaled(form, constant([-1])) : undefined;
      }
      case 'reshape':
      case 'stopGradient':
        return this.view(node);
      default:
        return this.linear(node);
    }
  }

  /** Gives every value its form or its place in the new graph. */
  run(): void {
    for (const node of this.order) {
      if (this.fixed.has(node) || node.inputs.length === 0) continue;
      const form = tracingAt(node.path ?? '', () => this.form(node));
      if (form) this.forms.set(node.outputs[0] as Value, form);
      else this.rebuild(node);
    }
  }

  private rebuild(node: Node): void {
    const rebuilt = makeNode(
      node.op,
      node.inputs.map((input) => this.now(input)),
      node.attributes,
      node.outputs,
      node.path,
    );
    node.outputs.forEach((output, i) => {
      const value = rebuilt.outputs[i] as Value;
      if (output.name !== undefined) value.name = output.name;
      this.made.set(output, value);
    });
  }
}

/**
 * Rewrites everything that `roots` need; states count as constants, so the result is for graphs that update none.
 *
 * @returns for every value of the old graph that is still there its value in the new one
 */
export function foldAffine(roots: readonly Value[]): (old: Value) => Value {
  const folder = new AffineFolder(reachable(roots), roots);
  folder.run();
  return (old) => folder.now(old);
}
