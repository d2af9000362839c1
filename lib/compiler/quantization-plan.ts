/**
 * Which values of an inference graph travel as bytes, and which of them share a code. Bytes are made (*born*) by
 * convolutions, products, sums, averages and functions, and where floats are read by them; pooling, concatenation, views and the
 * like hand bytes on as they are, so that they and what they read share one code.
 */
import { sameShape } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { scalarConstant } from '../ops/source';
import { fixedNodes } from './fixed';
import { clipBehind, type GraphFacts, layerAt, obstacleOf, type QuantizedLayer } from './quantized-layers';
import { SharedCodes } from './shared-codes';
import { countUses } from './uses';

/** A sum of two tensors of bytes, clipped. */
export interface QuantizedSum {
  readonly node: Node;
  readonly low: number;
  readonly high: number;
  readonly result: Value;
}

/** An LSTM and its weights [H, 4H]. */
export interface RecurrentWeights {
  readonly node: Node;
  readonly weights: Value;
}

/** A value whose numbers become bytes, or bytes of another code. */
export interface Birth {
  readonly value: Value;
  /** Number of the code; births of one code may be several. */
  readonly code: number;
}

/** A convolution or product that stays as it is, or another op without an integer form. */
export interface KeptNode {
  readonly node: Node;
  readonly reason: string;
}

export interface QuantizationPlan {
  readonly order: readonly Node[];
  readonly isFixed: (value: Value) => boolean;
  readonly layers: readonly QuantizedLayer[];
  /** LSTMs, whose weights become bytes and all else stays floats. */
  readonly recurrent: readonly RecurrentWeights[];
  /** The layer or sum that gives a value. */
  readonly layerOf: ReadonlyMap<Value, QuantizedLayer>;
  readonly sumOf: ReadonlyMap<Value, QuantizedSum>;
  /** Nodes that are part of a layer or sum: nothing else reads what they give. */
  readonly absorbed: ReadonlySet<Node>;
  readonly births: readonly Birth[];
  /** How many codes there are. */
  readonly codes: number;
  /** The number of the code in which a value is read or handed on as bytes. */
  readonly codeOf: ReadonlyMap<Value, number>;
  /** True for values that are made or handed on as bytes. */
  readonly isBytes: (value: Value) => boolean;
  /** The value of bytes that another is a function of, element by element. */
  readonly mappedFrom: ReadonlyMap<Value, Value>;
  /** Operands that are brought to the code of the concatenation that reads them. */
  readonly rescaled: (part: Value, concatenation: Node) => boolean;
  readonly kept: readonly KeptNode[];
}

/** Ops that hand bytes on. */
const carriers = new Set(['maxPool', 'concat', 'transpose', 'slice', 'reshape', 'stopGradient', 'pad']);

const isLinear = ({ op }: Node): boolean => op.name === 'conv2d' || op.name === 'matmul';

const isPlanar = (node: Node): boolean =>
  node.op.name === 'sum' && (node.attributes.axes as readonly number[]).join() === '1,2' && rankOf(node) === 4;

const rankOf = ({ inputs: [x] }: Node): number => (x as Value).shape.length;

/** Averages, as pooling kernels compute them; a sum over the image is an average of another scale. */
export const isAverage = (node: Node): boolean => node.op.name === 'averagePool' || isPlanar(node);

class Planner {
  private readonly fixed: ReadonlySet<Node>;
  private readonly uses: ReadonlyMap<Value, number>;
  private readonly readers = new Map<Value, Node>();
  private readonly layers: QuantizedLayer[] = [];
  private readonly recurrent: RecurrentWeights[] = [];
  private readonly layerOf = new Map<Value, QuantizedLayer>();
  private readonly sumOf = new Map<Value, QuantizedSum>();
  private readonly absorbed = new Set<Node>();
  /** Values that can be made as bytes. */
  private readonly made = new Set<Value>();
  private readonly mappedFrom = new Map<Value, Value>();
  private readonly wanted = new Set<Value>();
  private readonly kept: KeptNode[] = [];
  private readonly codes = new SharedCodes();
  private readonly facts: GraphFacts;

  constructor(
    private readonly order: readonly Node[],
    roots: readonly Value[],
    private readonly keep: (node: Node) => boolean,
  ) {
    this.uses = countUses(order, roots);
    for (const node of order) for (const input of node.inputs) this.readers.set(input, node);
    this.fixed = fixedNodes(order);
    this.facts = {
      uses: this.uses,
      isFixed: (value) => this.fixed.has(value.node),
      readerOf: (value) => (this.uses.get(value) === 1 ? this.readers.get(value) : undefined),
      isMadeOfBytes: (value) => this.made.has(value),
    };
  }

  private isBytes = (value: Value): boolean => this.made.has(value) && this.wanted.has(value);

  /** A part of a concatenation that something else reads keeps a code of its own. */
  private rescaled = (part: Value, { inputs }: Node): boolean =>
    this.uses.get(part) !== 1 || !this.made.has(part) || inputs.filter((input) => input === part).length > 1;

  private absorb(from: Node, result: Value): void {
    for (let value = from.outputs[0] as Value; ; value = this.readers.get(value)?.outputs[0] as Value) {
      this.absorbed.add(value.node);
      if (value === result) return;
    }
  }

  private addLayer(node: Node): void {
    const reason = this.keep(node) ? 'as asked for' : obstacleOf(node, this.facts.isFixed);
    if (reason) {
      this.kept.push({ node, reason });
      return;
    }
    const layer = layerAt(node, this.facts);
    this.layers.push(layer);
    this.layerOf.set(layer.result, layer);
    this.absorb(node, layer.result);
    this.made.add(layer.result);
  }

  private addRecurrent(node: Node): void {
    const weights = node.inputs[3] as Value;
    const reason = this.keep(node) ? 'as asked for' : 'its weights depend on the input';
    if (this.facts.isFixed(weights) && !this.keep(node)) this.recurrent.push({ node, weights });
    else this.kept.push({ node, reason });
  }

  private addSum(node: Node): boolean {
    const [a, b] = node.inputs as [Value, Value];
    const isSum = node.op.name === 'add' && sameShape(a.shape, b.shape) && this.made.has(a) && this.made.has(b);
    if (!isSum || this.keep(node)) return false;
    const sum = { node, ...clipBehind(node.outputs[0] as Value, this.facts) };
    this.sumOf.set(sum.result, sum);
    this.absorb(node, sum.result);
    this.made.add(sum.result);
    return true;
  }

  private isCarrier(node: Node): boolean {
    const { op, inputs, outputs, attributes } = node;
    if (!carriers.has(op.name) || outputs.slice(1).some((output) => this.uses.has(output))) return false;
    if (op.name === 'pad' && attributes.mode === 'constant' && attributes.value !== 0) return false;
    return op.name === 'concat'
      ? inputs.some((input) => this.made.has(input)) && inputs.every(({ dtype }) => dtype === 'float32')
      : this.made.has(inputs[0] as Value);
  }

  /** Finds what can be made as bytes, operands first. */
  private visit(node: Node): void {
    if (this.fixed.has(node) || node.inputs.length === 0 || this.absorbed.has(node) || node.op.kind === 'view') {
      if (this.isCarrier(node)) this.made.add(node.outputs[0] as Value);
      return;
    }
    if (isLinear(node)) this.addLayer(node);
    else if (node.op.name === 'lstm') this.addRecurrent(node);
    else if (this.addSum(node)) return;
    else if (this.isCarrier(node)) this.made.add(node.outputs[0] as Value);
    else this.addOther(node);
  }

  /** The one value of bytes that `node` is a function of, element by element. */
  private sourceOf({ op, inputs, outputs }: Node): Value | undefined {
    const varying = inputs.filter((input) => scalarConstant(input) === undefined);
    const sources = varying.map((input) => this.mappedFrom.get(input) ?? (this.made.has(input) ? input : undefined));
    const [source] = sources;
    const isMap = op.kind === 'elementwise' && op.name !== 'broadcastTo' && sources.every((other) => other === source);
    return isMap && source && sameShape(source.shape, (outputs[0] as Value).shape) ? source : undefined;
  }

  /** Averages and functions of bytes; anything else stays as it is. */
  private addOther(node: Node): void {
    const [y] = node.outputs as [Value];
    const source = this.sourceOf(node);
    const x = isAverage(node) ? node.inputs[0] : source;
    const isAmongFloats = node.op.kind === 'elementwise' && !node.inputs.some((input) => this.made.has(input));
    if (!x && isAmongFloats) return; // what made the floats is named
    if (!x) this.kept.push({ node, reason: 'no integer form' });
    else if (this.keep(node)) this.kept.push({ node, reason: 'as asked for' });
    else if (this.made.has(x)) {
      if (y.dtype === 'float32') this.made.add(y);
      if (source) this.mappedFrom.set(y, source);
    }
  }

  /** Finds what is read as bytes, readers first. */
  private want(node: Node): void {
    const [y] = node.outputs as [Value];
    const layer = this.layerOf.get(y);
    const sum = this.sumOf.get(y);
    if (layer) {
      this.wanted.add(layer.x);
      if (layer.addend) this.wanted.add(layer.addend);
    } else if (sum) {
      if (this.wanted.has(y)) for (const input of sum.node.inputs) this.wanted.add(input);
    } else if (!this.absorbed.has(node) && this.isBytes(y)) {
      const source = this.mappedFrom.get(y);
      for (const input of source ? [source] : node.inputs) if (this.made.has(input)) this.wanted.add(input);
    }
  }

  /** Values that hand on the bytes of others share their code. */
  private joinCodes(node: Node): void {
    const [y] = node.outputs as [Value];
    if (this.absorbed.has(node) || !this.isBytes(y) || !carriers.has(node.op.name)) return;
    for (const input of node.inputs) {
      if (node.op.name !== 'concat' || !this.rescaled(input, node)) this.codes.join(input, y);
    }
  }

  /** Sums that nothing reads as bytes stay sums of floats. */
  private dropSums(): void {
    for (const { node, result } of [...this.sumOf.values()]) {
      if (this.isBytes(result)) continue;
      this.sumOf.delete(result);
      for (let value = node.outputs[0] as Value; ; value = this.readers.get(value)?.outputs[0] as Value) {
        this.absorbed.delete(value.node);
        if (value === result) break;
      }
    }
  }

  /** What is born, in the order of the graph. */
  private born(): Value[] {
    const born: Value[] = [];
    for (const node of this.order) {
      const [y] = node.outputs as [Value];
      const isBorn = this.isBytes(y) && !(carriers.has(node.op.name) && !this.absorbed.has(node));
      if (isBorn || (this.wanted.has(y) && !this.made.has(y))) born.push(y);
      for (const other of node.outputs.slice(1)) if (this.wanted.has(other)) born.push(other);
    }
    return born;
  }

  plan(): QuantizationPlan {
    for (const node of this.order) this.visit(node);
    for (const node of [...this.order].reverse()) this.want(node);
    this.dropSums();
    for (const node of this.order) this.joinCodes(node);
    const numbers = new Map<Value, number>();
    const numberOf = (value: Value): number => {
      const root = this.codes.root(value);
      const number = numbers.get(root) ?? numbers.size;
      numbers.set(root, number);
      return number;
    };
    const births: Birth[] = this.born().map((value) => ({ value, code: numberOf(value) }));
    const codeOf = new Map([...this.wanted].map((value) => [value, numberOf(value)]));
    // A part that is read elsewhere is born a second time, in the code of the concatenation.
    for (const node of this.order) {
      const [y] = node.outputs as [Value];
      if (node.op.name !== 'concat' || !this.isBytes(y)) continue;
      for (const part of node.inputs) {
        if (this.rescaled(part, node)) births.push({ value: part, code: numberOf(y) });
      }
    }
    const { order, facts, layers, recurrent, layerOf, sumOf, absorbed, isBytes, mappedFrom, rescaled, kept } = this;
    const graph = { order, isFixed: facts.isFixed, layers, recurrent, layerOf, sumOf, absorbed, kept };
    return { ...graph, births, codes: numbers.size, codeOf, isBytes, mappedFrom, rescaled };
  }
}

/**
 * Plans the quantization of everything that `roots` need.
 *
 * @param keep true for nodes that shall stay as they are
 */
export function planQuantization(
  roots: readonly Value[],
  keep: (node: Node) => boolean = () => false,
): QuantizationPlan {
  return new Planner(reachable(roots), roots, keep).plan();
}
