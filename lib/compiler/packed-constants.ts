/**
 * Constants of +-1 as bits, the form in which files hold them: what a real input meets is unpacked once, when a model is
 * opened, since `unpackBits` of a constant costs nothing then and a file of floats would be 32 times as large.
 */
import { type Tensor, tensor } from '../graph/tensor';
import { bytesOfBits } from '../ops/pack-bits';
import { pruned } from './fold-constants';
import type { Reference, Template, TemplateNode } from './template';

/** Constants of fewer numbers stay as they are. */
const leastPacked = 64;

const isPackable = ({ tensor: made }: TemplateNode): boolean =>
  made?.dtype === 'float32' && made.data.length >= leastPacked && made.data.every((number) => Math.abs(number) === 1);

/** The bits of +-1, rows by the last axis. */
function packed({ shape, data }: Tensor): Tensor {
  const channels = shape.at(-1) as number;
  const row = bytesOfBits(channels);
  const bytes = new Uint8Array((data.length / channels) * row);
  data.forEach((number, i) => {
    const c = i % channels;
    const at = ((i - c) / channels) * row + (c >> 3);
    if (number >= 0) bytes[at] = (bytes[at] as number) | (1 << (c & 7));
  });
  return tensor(bytes, [...shape.slice(0, -1), row]);
}

/** +-1 from bits. */
function unpacked({ shape, data }: Tensor, channels: number): Tensor {
  const row = shape.at(-1) as number;
  const numbers = new Float32Array((data.length / row) * channels);
  for (let i = 0; i < numbers.length; i++) {
    const c = i % channels;
    const byte = data[((i - c) / channels) * row + (c >> 3)] as number;
    numbers[i] = (byte >> (c & 7)) & 1 ? 1 : -1;
  }
  return tensor(numbers, [...shape.slice(0, -1), channels]);
}

/** The template with constants of +-1 as bits that are unpacked. */
export function packConstants({ nodes, outputs }: Template): Template {
  const kept: TemplateNode[] = [];
  const places: number[] = [];
  const moved = ([node, output]: Reference): Reference => [places[node] as number, output];
  for (const node of nodes) {
    const made = node.tensor;
    if (made && isPackable(node)) {
      const bits = kept.push({ ...node, tensor: packed(made) }) - 1;
      const attributes = { channels: made.shape.at(-1) as number };
      places.push(kept.push({ op: 'unpackBits', inputs: [[bits, 0]], attributes }) - 1);
    } else places.push(kept.push({ ...node, inputs: node.inputs.map(moved) }) - 1);
  }
  const named = Object.entries(outputs).map(([name, reference]) => [name, moved(reference)]);
  return { nodes: kept, outputs: Object.fromEntries(named) };
}

/** True when `template` has constants as bits that are unpacked. */
export const hasPackedConstants = ({ nodes }: Template): boolean =>
  nodes.some(({ op, inputs: [bits] }) => op === 'unpackBits' && nodes[(bits as Reference)[0]]?.op === 'constant');

/** The template with such constants as floats. */
export function unpackConstants(template: Template): Template {
  if (!hasPackedConstants(template)) return template;
  const { nodes, outputs } = template;
  return pruned({
    outputs,
    nodes: nodes.map((node) => {
      const source = node.op === 'unpackBits' ? nodes[(node.inputs[0] as Reference)[0]] : undefined;
      if (!source?.tensor) return node;
      const { channels } = node.attributes as { channels: number };
      return { op: 'constant', inputs: [], attributes: {}, tensor: unpacked(source.tensor, channels) };
    }),
  });
}
