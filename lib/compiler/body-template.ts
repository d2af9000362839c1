/** Attributes of nodes as plain data and back, with the body of a loop written out as a list of nodes. */
import { registry } from '../graph/define-op';
import { tracingAt } from '../graph/errors';
import { type DType, type Shape, type Tensor, type TensorType, tensor } from '../graph/tensor';
import { type Attributes, makeNode, type Node, reachable, type Value } from '../graph/value';
import { type Body, isLoopInput, loopInput, loopOf } from '../ops/scan-body';

/** An output of a node: the node's position, and which of its outputs. */
export type Reference = readonly [node: number, output: number];

/** A node of a body; inputs stand before it. */
export interface BodyNode {
  readonly op: string;
  readonly inputs: readonly Reference[];
  readonly attributes: Attributes;
  readonly path?: string;
}

/** A body as data. */
export type BodyData = { readonly nodes: readonly BodyNode[] } & Readonly<Record<keyof Body, readonly Reference[]>>;

/** The lists of a body's values. */
export const bodyLists = ['states', 'sequences', 'captures', 'next', 'stacked'] as const;

/** The numbers of a constant of a body. */
interface Numbers {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly numbers: readonly number[];
}

function bodyAsData(body: Body): BodyData {
  const placeholders = [...body.states, ...body.sequences, ...body.captures].map(({ node }) => node);
  const order = [...new Set([...placeholders, ...reachable([...body.next, ...body.stacked])])];
  const position = new Map(order.map((node, i) => [node, i]));
  const reference = ({ node, index }: Value): Reference => [position.get(node) as number, index];
  const nodes = order.map((node): BodyNode => {
    const { op, inputs, path } = node;
    return { op: op.name, inputs: inputs.map(reference), attributes: attributesAsData(node), ...(path && { path }) };
  });
  const lists = bodyLists.map((name) => [name, body[name].map(reference)]);
  return { nodes, ...Object.fromEntries(lists) };
}

function bodyFromData(data: BodyData): Body {
  const values: (readonly Value[])[] = [];
  const valueAt = ([node, output]: Reference): Value => (values[node] as readonly Value[])[output] as Value;
  for (const { op, inputs, attributes, path } of data.nodes) {
    values.push(nodeFromData(op, inputs.map(valueAt), attributes, path));
  }
  return Object.fromEntries(bodyLists.map((name) => [name, data[name].map(valueAt)])) as unknown as Body;
}

/** The attributes of a node as plain data. */
export function attributesAsData(node: Node): Attributes {
  const loop = loopOf(node);
  if (loop) return { ...loop, body: bodyAsData(loop.body) };
  const [output] = node.outputs as [Value];
  if (isLoopInput(output)) return { type: { dtype: output.dtype, shape: output.shape } };
  if (node.op.name !== 'constant') return node.attributes;
  const { dtype, shape, data } = (node.attributes as { tensor: Tensor }).tensor;
  return { tensor: { dtype, shape, numbers: [...data] } satisfies Numbers };
}

/** The outputs of the node that data describe; their types follow from the op's own rule. */
export function nodeFromData(
  name: string,
  inputs: readonly Value[],
  data: Attributes,
  path: string | undefined,
): readonly Value[] {
  const op = registry.get(name) as NonNullable<ReturnType<typeof registry.get>>;
  if (name === 'loopInput') return [loopInput(data.type as TensorType)];
  let attributes = data;
  if (op.kind === 'loop') attributes = { ...data, body: bodyFromData(data.body as BodyData) };
  if (name === 'constant' && !ArrayBuffer.isView((data.tensor as Tensor).data)) {
    const { dtype, shape, numbers } = data.tensor as Numbers;
    attributes = { tensor: tensor([...numbers], shape, dtype) };
  }
  const types = tracingAt(path ?? '', () => [op.infer(inputs, attributes as never)].flat() as TensorType[]);
  return makeNode(op, inputs, attributes, types, path).outputs;
}
