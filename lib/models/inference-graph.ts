/** The graph of an inference model as JSON text, read with suspicion. */
import { bodyLists } from '../compiler/body-template';
import { atBatch, type BatchForm, instantiate, type Reference, type TemplateNode, valueAt } from '../compiler/template';
import { registry } from '../graph/define-op';
import { type DType, dtypes, sameShape, showType, sizeOf, type Tensor, type TensorType } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { expectFile } from '../io/file';
import { loopOf } from '../ops/scan-body';
import type { BatchType, FrozenModel } from './inference';

import {
  attributeChecks,
  type Check,
  type Entries,
  isAtLeast,
  isRecord,
  isSizes,
  listOf,
} from './inference-attributes';

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);

const isReference: Check = listOf(isAtLeast(0), 2);

const isBatchType = (value: unknown): value is BatchType =>
  isRecord(value) && dtypes.includes(value.dtype as DType) && isSizes(value.shape);

/** The numbers of a constant in a loop. */
const isNumbers: Check = (value) =>
  isBatchType(value) &&
  value.shape.every((length) => typeof length === 'number') &&
  listOf(
    (number) => typeof number === 'number',
    sizeOf(value.shape as number[]),
  )((value as unknown as Entries).numbers);

/** Only the first axis of an input may be that of the examples. */
const isInputType: Check = (value) =>
  isBatchType(value) &&
  value.shape.every((length, axis) => typeof length === 'number' || (axis === 0 && atBatch(length, 1) === 1));

/** Numbers that JSON lacks. */
const isRare = (value: unknown): boolean =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
const withRare = (_: string, value: unknown): unknown =>
  isRare(value) ? { number: Object.is(value, -0) ? '-0' : String(value) } : value;
const fromRare = (_: string, value: unknown): unknown =>
  isRecord(value) && Object.keys(value).join() === 'number' ? Number(value.number) : value;

/** A frozen model as text and the tensors that it names. */
export function encodeGraph({ inputs, template, carried }: FrozenModel): {
  text: string;
  tensors: Map<string, Tensor>;
} {
  const tensors = new Map<string, Tensor>();
  const nodes = template.nodes.map(({ tensor, ...node }, i) => {
    if (!tensor) return node;
    const name = `constant.${i}`;
    tensors.set(name, tensor);
    return { ...node, tensor: name };
  });
  const values = instantiate(template, 1);
  const outputs = Object.entries(template.outputs).map(([name, at]) => {
    const { dtype, shape } = valueAt(values, at);
    return [name, { at, dtype, shape }];
  });
  const graph = { inputs, nodes, outputs: Object.fromEntries(outputs), carried };
  return { text: JSON.stringify(graph, withRare), tensors };
}

/** Decodes one text; every complaint names the file and the place. */
class GraphReader {
  private readonly nodes: TemplateNode[] = [];

  constructor(
    private readonly where: string,
    private readonly tensors: ReadonlyMap<string, Tensor>,
  ) {}

  private check(condition: boolean, what: string, expected: string, actual: unknown): asserts condition {
    expectFile(condition, this.where, what, expected, () => (typeof actual === 'string' ? actual : shown(actual)));
  }

  read(text: string): FrozenModel {
    const graph = this.parse(text);
    this.check(isRecord(graph), 'the graph', 'an object', graph);
    const { inputs, nodes, outputs } = graph;
    this.check(isRecord(inputs) && Object.values(inputs).every(isInputType), 'the inputs', 'types by name', inputs);
    this.check(Array.isArray(nodes), 'the nodes', 'a list', nodes);
    for (const node of nodes) this.nodes.push(this.node(node, inputs as FrozenModel['inputs']));
    const isNamed = isRecord(outputs) && Object.keys(outputs).length > 0;
    this.check(isNamed, 'the outputs', 'places and types by name', outputs);
    const values = this.instantiated();
    const places = Object.entries(outputs).map(([name, output]) => [name, this.output(name, output, values)]);
    const model = {
      inputs: inputs as FrozenModel['inputs'],
      template: { nodes: this.nodes, outputs: Object.fromEntries(places) as Record<string, Reference> },
    };
    if (graph.carried === undefined) return model;
    this.check(listOf((path) => typeof path === 'string')(graph.carried), 'what is carried', 'paths', graph.carried);
    const carried = graph.carried as readonly string[];
    for (const path of carried) this.carried(path, model, outputs);
    return { ...model, carried };
  }

  /** What goes from call to call has one type, and its beginning needs no input. */
  private carried(path: string, { inputs, template }: FrozenModel, outputs: Entries): void {
    const form = inputs[`carried:${path}`];
    this.check(form !== undefined, `the carried '${path}'`, 'one of the inputs', 'none');
    const type = showType({ dtype: form.dtype, shape: atBatch(form.shape as BatchForm, 1) as number[] });
    for (const name of [`next:${path}`, `initial:${path}`]) {
      const output = outputs[name] as TensorType | undefined;
      this.check(output !== undefined, `the output '${name}'`, 'there', 'none');
      this.check(showType(output) === type, `the output '${name}'`, type, showType(output));
    }
    const needed = new Set([(template.outputs[`initial:${path}`] as Reference)[0]]);
    for (const at of needed) for (const [from] of (this.nodes[at] as TemplateNode).inputs) needed.add(from);
    const isFree = [...needed].every((at) => this.nodes[at]?.op !== 'feed');
    this.check(isFree, `the output 'initial:${path}'`, 'independent of the inputs', 'one that needs some');
  }

  private parse(text: string): unknown {
    try {
      return JSON.parse(text, fromRare);
    } catch (cause) {
      this.check(false, 'the graph', 'JSON', (cause as Error).message);
    }
  }

  private node(node: unknown, inputs: FrozenModel['inputs']): TemplateNode {
    const here = `node ${this.nodes.length}`;
    const common = this.operation(node, here, this.nodes.length);
    const { op, attributes } = common;
    this.check(op !== 'loopInput', `the op of ${here}`, 'one outside of a loop', op);
    if (op === 'feed') {
      this.feed(here, attributes, inputs);
      return common;
    }
    if (op === 'constant') {
      const { tensor: name } = node as Entries;
      const tensor = this.tensors.get(name as string);
      this.check(tensor !== undefined, `the tensor of ${here}`, 'in the file', name);
      return { ...common, tensor };
    }
    this.attributes(op, attributes, here);
    return common;
  }

  /** What all nodes have, whose operands are among the `count` nodes before them. */
  private operation(node: unknown, here: string, count: number): TemplateNode {
    this.check(isRecord(node), here, 'an object', node);
    const { op, inputs: operands, attributes, path } = node;
    const isKnown = typeof op === 'string' && registry.has(op) && op !== 'state';
    this.check(isKnown, `the op of ${here}`, 'a known one', op);
    const isBefore = listOf((part) => isReference(part) && ((part as Reference)[0] as number) < count);
    this.check(isBefore(operands), `the operands of ${here}`, 'outputs of nodes before it', operands);
    this.check(isRecord(attributes), `the attributes of ${here}`, 'an object', attributes);
    this.check(path === undefined || typeof path === 'string', `the path of ${here}`, 'text', path);
    const made = { op, inputs: operands as readonly Reference[], attributes: attributes as TemplateNode['attributes'] };
    return { ...made, ...(path !== undefined && { path }) };
  }

  private attributes(op: string, attributes: Entries, here: string): void {
    const isLoop = registry.get(op)?.kind === 'loop';
    this.check(!isLoop || isRecord(attributes.body), `the body of ${here}`, 'an object', attributes.body);
    for (const [name, value] of Object.entries(attributes)) {
      if (isLoop && name === 'body') {
        this.body(value as Entries, here);
        continue;
      }
      const isFitting = attributeChecks[name]?.(value) ?? false;
      this.check(isFitting, `the attribute '${name}' of ${here} (${op})`, 'one that the op knows', value);
    }
  }

  /** The body of a loop: nodes, and lists of what they give. */
  private body({ nodes, ...lists }: Entries, loop: string): void {
    this.check(Array.isArray(nodes), `the nodes in ${loop}`, 'a list', nodes);
    nodes.forEach((node: unknown, i) => {
      const here = `node ${i} in ${loop}`;
      const { op, attributes } = this.operation(node, here, i);
      this.check(op !== 'feed', `the op of ${here}`, 'one inside of a loop', op);
      if (op === 'loopInput') this.check(isBatchType(attributes.type), `the type of ${here}`, 'a type', attributes);
      else if (op === 'constant')
        this.check(isNumbers(attributes.tensor), `the numbers of ${here}`, 'a tensor', attributes);
      else this.attributes(op, attributes, here);
    });
    const isHere = listOf((part) => isReference(part) && ((part as Reference)[0] as number) < nodes.length);
    for (const name of bodyLists)
      this.check(isHere(lists[name]), `the ${name} of ${loop}`, 'outputs of nodes', lists[name]);
  }

  private feed(here: string, { name, type }: Entries, inputs: FrozenModel['inputs']): void {
    const declared = inputs[name as string];
    const isSame = declared !== undefined && isBatchType(type) && showForm(type) === showForm(declared);
    this.check(isSame, `the feed of ${here}`, 'one of the inputs', { name, type });
  }

  /** The values for one example: every shape rule is asked, and so is every encoding. */
  private instantiated(): (readonly Value[])[] {
    let values: (readonly Value[])[] = [];
    try {
      values = instantiate({ nodes: this.nodes, outputs: {} }, 1);
      for (const [{ node }] of values as (readonly [Value])[]) this.expectSound(node);
    } catch (cause) {
      const isOwn = (cause as { code?: string }).code === 'FILE';
      if (isOwn) throw cause;
      this.check(false, 'the operations', 'ones that fit together', (cause as Error).message);
    }
    return values;
  }

  /** Checks what the ops' own rules take for granted. */
  private expectSound(node: Node): void {
    const { op, inputs, outputs, attributes } = node;
    const loop = loopOf(node);
    if (loop) for (const inner of reachable([...loop.body.next, ...loop.body.stacked])) this.expectSound(inner);
    for (const output of outputs) {
      const isType = isBatchType(output) && Number.isSafeInteger(4 * sizeOf(output.shape));
      this.check(isType, `the result of ${op.name}`, 'of whole sizes', showType(output));
    }
    const isFree = op.kind !== 'source' || inputs.length === 0;
    this.check(isFree, `the operands of ${op.name}`, 'none', inputs.length);
    const isView = op.kind !== 'view' || sizeOf((inputs[0] as Value).shape) === sizeOf((outputs[0] as Value).shape);
    this.check(isView, `the result of ${op.name}`, 'of as many elements as its input', showType(outputs[0] as Value));
    const numbers = op.encode?.(attributes as never, node) ?? [];
    const isPlain = numbers.every((number) => typeof number === 'number' && !Number.isNaN(number));
    this.check(isPlain, `the attributes of ${op.name}`, 'complete', attributes);
  }

  private output(name: string, output: unknown, values: (readonly Value[])[]): Reference {
    const what = `the output '${name}'`;
    this.check(isRecord(output) && isReference(output.at), what, 'a place and a type', output);
    const at = output.at as Reference;
    const value = values[at[0]]?.[at[1]];
    this.check(value !== undefined && isBatchType(output), what, 'one of a node', output);
    const type = output as unknown as TensorType;
    const isSame = type.dtype === value.dtype && sameShape(type.shape, value.shape);
    this.check(isSame, what, showType(type), showType(value));
    return at;
  }
}

const showForm = ({ dtype, shape }: BatchType): string =>
  showType({ dtype, shape: atBatch(shape as BatchForm, -1) as number[] });

/**
 * A frozen model from its text.
 *
 * @param tensors the tensors that it may name
 * @throws ConvoltError `FILE` for anything that is not a whole, consistent graph of known ops
 */
export const decodeGraph = (text: string, tensors: ReadonlyMap<string, Tensor>, where: string): FrozenModel =>
  new GraphReader(where, tensors).read(text);
