/** What of an inference graph becomes bits: its binary layers, and the signs that their sums end in. */
import { type Node, reachable, type Value } from '../graph/value';
import { type BinaryChain, chainOf, signedOperand } from './binary-chains';
import { type BinaryLayer, binaryLayerAt } from './binary-layers';
import { fixedNodes } from './fixed';
import { countUses } from './uses';

export interface BinaryPlan {
  readonly order: readonly Node[];
  /** In the order of the graph, which is the same at every batch size. */
  readonly layers: readonly BinaryLayer[];
  readonly layerOf: ReadonlyMap<Value, BinaryLayer>;
  /** Chains by the operand of the sign, in the order of the graph. */
  readonly chains: ReadonlyMap<Value, BinaryChain>;
  /** Nodes with weights that stay as they are. */
  readonly kept: readonly { readonly node: Node; readonly reason: string }[];
}

/** The operand of the sign that signs are, pooled and viewed or not. */
const operandBehind = (signs: Value): Value => signedOperand(signs) ?? operandBehind(signs.node.inputs[0] as Value);

/** Plans the bits of everything that `roots` need. */
export function planBinary(roots: readonly Value[]): BinaryPlan {
  const order = reachable(roots);
  const fixed = fixedNodes(order);
  const uses = countUses(order, roots);
  const layers: BinaryLayer[] = [];
  const kept: { node: Node; reason: string }[] = [];
  for (const node of order) {
    if (fixed.has(node)) continue;
    const found = binaryLayerAt(node);
    if (typeof found === 'string') kept.push({ node, reason: found });
    else if (found) layers.push(found);
  }
  const layerOf = new Map(layers.map((layer) => [layer.node.outputs[0] as Value, layer]));
  const facts = {
    uses,
    isFixed: (value: Value) => fixed.has(value.node),
    isSums: (value: Value) => layerOf.get(value)?.signs !== undefined,
  };
  // Signs are read as bits where a binary layer begins: behind pooling and views as well.
  const chains = new Map<Value, BinaryChain>();
  for (const { signs } of layers) {
    const operand = signs && operandBehind(signs);
    const chain = operand && !chains.has(operand) ? chainOf(operand, facts) : undefined;
    if (chain) chains.set(chain.operand, chain);
  }
  return { order, layers, layerOf, chains, kept };
}
