/**
 * A graph for any batch size, as plain data: two traces of one function at two batch sizes, compared. A number that
 * differs is a multiple of the batch size, or the function does not treat every batch size alike.
 */
import { complaint } from '../graph/errors';
import { showType, type Tensor } from '../graph/tensor';
import { type Attributes, type Node, reachable, type Value } from '../graph/value';
import { attributesAsData, nodeFromData, type Reference } from './body-template';

export type { Reference } from './body-template';

/** Plain data in which `{ batch: k }` stands for k times the batch size. */
export type BatchForm = number | string | boolean | null | readonly BatchForm[] | { readonly [key: string]: BatchForm };

export interface TemplateNode {
  readonly op: string;
  readonly inputs: readonly Reference[];
  readonly attributes: Readonly<Record<string, BatchForm>>;
  /** The numbers of a constant. */
  readonly tensor?: Tensor;
  /** Path of the layer in whose trace it was made. */
  readonly path?: string;
}

/** Nodes with inputs before users, and named outputs. */
export interface Template {
  readonly nodes: readonly TemplateNode[];
  readonly outputs: Readonly<Record<string, Reference>>;
}

/** A function's outputs by name, traced at some batch size. */
export interface Sample {
  readonly batch: number;
  readonly outputs: Readonly<Record<string, Value>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refusal = (where: string, actual: string) =>
  complaint('SHAPE', {
    where: 'compileForInference',
    what: 'the model',
    expected: "the same for every batch size (or the option batch: 'fixed' given)",
    actual: `one that differs in ${where}: ${actual}`,
  });

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Two samples of the same data as one. */
function joined(a: unknown, b: unknown, sizes: readonly [number, number], where: string): BatchForm {
  const refuse = () => refusal(where, `${shown(a)} and ${shown(b)}`);
  if (Object.is(a, b) && !isRecord(a) && !Array.isArray(a)) return a as BatchForm;
  if (typeof a === 'number' && typeof b === 'number') {
    const multiple = a / sizes[0];
    if (!Number.isInteger(multiple) || multiple * sizes[1] !== b) throw refuse();
    return { batch: multiple };
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.map((part, i) => joined(part, b[i], sizes, where));
  }
  if (!isRecord(a) || !isRecord(b) || Object.keys(a).join() !== Object.keys(b).join()) throw refuse();
  return Object.fromEntries(Object.entries(a).map(([name, part]) => [name, joined(part, b[name], sizes, where)]));
}

const isSameTensor = (a: Tensor | undefined, b: Tensor | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    showType(a) === showType(b) &&
    a.data.every((number, i) => Object.is(number, b.data[i])));

/** The nodes of a sample in an order that depends on its structure alone. */
function inOrder(sample: Sample): { order: Node[]; position: Map<Node, number> } {
  const order = reachable(Object.values(sample.outputs));
  return { order, position: new Map(order.map((node, i) => [node, i])) };
}

/**
 * The common template of two samples of one function.
 *
 * @throws ConvoltError `SHAPE` when they differ in more than multiples of the batch size
 */
export function makeTemplate(first: Sample, second: Sample): Template {
  const [a, b] = [inOrder(first), inOrder(second)];
  const sizes = [first.batch, second.batch] as const;
  if (a.order.length !== b.order.length) throw refusal('the number of steps', `${a.order.length}, ${b.order.length}`);
  const reference = ({ position }: typeof a, { node, index }: Value): Reference => [
    position.get(node) as number,
    index,
  ];
  const references = (one: Value, other: Value, where: string): Reference => {
    const [mine, theirs] = [reference(a, one), reference(b, other)];
    if (mine.join() !== theirs.join()) throw refusal(where, 'its operands');
    return mine;
  };
  const nodes = a.order.map((node, i): TemplateNode => {
    const twin = b.order[i] as Node;
    const where = node.path ? `${node.op.name} of ${node.path}` : node.op.name;
    if (twin.op !== node.op || twin.inputs.length !== node.inputs.length) throw refusal(where, twin.op.name);
    const inputs = node.inputs.map((input, j) => references(input, twin.inputs[j] as Value, where));
    const { tensor } = node.attributes as { tensor?: Tensor };
    const { tensor: other } = twin.attributes as { tensor?: Tensor };
    if (!isSameTensor(tensor, other)) throw refusal(where, 'its numbers');
    const [mine, theirs] = [node, twin].map((each) => (tensor ? {} : attributesAsData(each)));
    const attributes = joined(mine, theirs, sizes, where) as TemplateNode['attributes'];
    return { op: node.op.name, inputs, attributes, ...(tensor && { tensor }), ...(node.path && { path: node.path }) };
  });
  const outputs = Object.entries(first.outputs).map(([name, value]) => [
    name,
    references(value, second.outputs[name] as Value, `output ${name}`),
  ]);
  return { nodes, outputs: Object.fromEntries(outputs) };
}

/** The data for one batch size. */
export function atBatch(form: BatchForm, batch: number): unknown {
  if (Array.isArray(form)) return form.map((part) => atBatch(part, batch));
  if (!isRecord(form)) return form;
  if (typeof form.batch === 'number') return form.batch * batch;
  return Object.fromEntries(Object.entries(form).map(([name, part]) => [name, atBatch(part as BatchForm, batch)]));
}

/** True when the data differ from batch size to batch size. */
export function hasBatch(form: BatchForm): boolean {
  if (Array.isArray(form)) return form.some(hasBatch);
  return isRecord(form) && ('batch' in form || Object.values(form).some((part) => hasBatch(part as BatchForm)));
}

/**
 * The values of a template's nodes at a batch size; every shape follows from the ops' own rules.
 *
 * @param given values in the place of feeds, by name
 * @returns for every node its outputs
 */
export function instantiate(
  { nodes }: Template,
  batch: number,
  given: ReadonlyMap<unknown, Value> = new Map(),
): (readonly Value[])[] {
  const values: (readonly Value[])[] = [];
  for (const { op, inputs, attributes: form, tensor, path } of nodes) {
    const instead = op === 'feed' && given.get(form.name);
    if (instead) {
      values.push([instead]);
      continue;
    }
    const operands = inputs.map((reference) => valueAt(values, reference));
    const attributes = { ...(atBatch(form, batch) as Attributes), ...(tensor && { tensor }) };
    values.push(nodeFromData(op, operands, attributes, path));
  }
  return values;
}

/** The value that a reference means among the outputs of all nodes. */
export const valueAt = (values: readonly (readonly Value[])[], [node, output]: Reference): Value =>
  (values[node] as readonly Value[])[output] as Value;
