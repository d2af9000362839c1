/** Parameters, multiply-adds and memory of a model, counted in its traced graph. */
import { Scope, Trace } from '../graph/scope';
import { bytesOf, sizeOf, type TensorType } from '../graph/tensor';
import { isValue, type Node, reachable, type Value } from '../graph/value';
import { splitKey } from '../ops/random';
import { loopOf } from '../ops/scan-body';
import { state } from '../ops/source';
import type { InputTypes } from './compile-for-inference';
import { feedsFor, type InputData, type Model } from './model';

/** What one layer has and does, for the given input. */
export interface LayerCount {
  /** Path of the layer; empty for what stands in none. */
  readonly path: string;
  /** Trained numbers that the layer declares itself. */
  readonly parameters: number;
  /** Of convolutions, products of matrices and recurrent layers; one multiplication and one addition each. */
  readonly multiplyAdds: number;
  /** Bytes of what the layer gives. */
  readonly activationBytes: number;
  /** Shape of what the layer gives. */
  readonly output: readonly number[];
}

/** The same for the whole model; `activationBytes` is the sum over all layers. */
export interface ModelCount extends Omit<LayerCount, 'path' | 'output'> {
  readonly layers: readonly LayerCount[];
}

/** The size of input `i` of a node. */
const sizeOfInput = ({ inputs }: Node, i: number): number => sizeOf((inputs[i] as Value).shape);

/** Multiply-adds of a convolution between `map` (its output) and weights [kh, kw, C / groups, K]. */
const convolved = (map: Value, weight: Value): number => sizeOf(map.shape) * sizeOf(weight.shape.slice(0, 3));

/** Multiply-adds of the h_(t-1) W of all steps: gates [N, T, g H], weights [H, g H]. */
const recurred = (node: Node, weight: number): number => {
  const [batch, steps] = (node.inputs[0] as Value).shape as [number, number];
  return batch * steps * sizeOfInput(node, weight);
};

/** Multiply-adds by op; others have none that count. */
const counters: Readonly<Record<string, (node: Node) => number>> = {
  conv2d: ({ inputs, outputs }) => convolved(outputs[0] as Value, inputs[1] as Value),
  conv2dGradInput: ({ inputs }) => convolved(inputs[0] as Value, inputs[1] as Value),
  matmul: (node) => {
    const { transposeA } = node.attributes as { transposeA: boolean };
    return (
      sizeOf((node.outputs[0] as Value).shape) * ((node.inputs[0] as Value).shape.at(transposeA ? -2 : -1) as number)
    );
  },
  lstm: (node) => recurred(node, 3),
  gru: (node) => recurred(node, 2),
};

/** Multiply-adds of one node; of a loop, those of its body in all steps. */
function multiplyAddsOf(node: Node): number {
  const loop = loopOf(node);
  if (!loop) return counters[node.op.name]?.(node) ?? 0;
  const body = reachable([...loop.body.next, ...loop.body.stacked]);
  return loop.length * body.reduce((total, inner) => total + multiplyAddsOf(inner), 0);
}

const ownPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

/**
 * Counts parameters, multiply-adds and the memory of activations of a model for one input, layer by layer and in all. The
 * model is traced as for predictions; nothing is computed. Two floating-point operations make one multiply-add.
 *
 * @param input an example input or its type, or several by name; the batch size counts
 * @example
 * const { parameters, multiplyAdds } = modelCost(resnet18(), { dtype: 'float32', shape: [1, 224, 224, 3] });
 * // 11689512 and 1814073344
 */
export function modelCost(model: Model, input: InputTypes): ModelCount {
  const trace = new Trace({ state, nextKey: splitKey }, false);
  const { value } = feedsFor('input', input as InputData);
  const result = model(value, new Scope(trace));
  const roots = isValue(result) ? [result] : Object.values(result);
  const layers = new Map<string, { -readonly [K in keyof LayerCount]: LayerCount[K] }>();
  const at = (path: string) => {
    const found = layers.get(path) ?? { path, parameters: 0, multiplyAdds: 0, activationBytes: 0, output: [] };
    layers.set(path, found);
    return found;
  };
  const give = (path: string, type: TensorType): void => {
    const layer = at(path);
    layer.activationBytes = bytesOf(type); // the last node of a layer stands
    layer.output = type.shape;
  };
  for (const node of reachable(roots)) {
    if (node.op.kind === 'source') continue;
    const path = node.path ?? '';
    at(path).multiplyAdds += multiplyAddsOf(node);
    give(path, node.outputs[0] as Value);
  }
  for (const { path, role, shape } of trace.declarations.values()) {
    if (role === 'parameter') at(ownPath(path)).parameters += sizeOf(shape);
  }
  const sum = (of: (layer: LayerCount) => number) =>
    [...layers.values()].reduce((total, layer) => total + of(layer), 0);
  return {
    parameters: sum(({ parameters }) => parameters),
    multiplyAdds: sum(({ multiplyAdds }) => multiplyAdds),
    activationBytes: sum(({ activationBytes }) => activationBytes),
    layers: [...layers.values()],
  };
}
