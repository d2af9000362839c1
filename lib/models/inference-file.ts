/** Inference models as files: safetensors with the weights, and the graph as JSON in the header. */
import { expectFile } from '../io/file';
import { encodeSafetensors, readSafetensors, writeSafetensors } from '../io/safetensors';
import type { FrozenModel } from './inference';
import { decodeGraph, encodeGraph } from './inference-graph';

/** What the header of such a file says under `format`. */
export const inferenceFormat = 'convolt-inference';

const version = '1';

/** The length of the file of a frozen model. */
export function fileBytes(frozen: FrozenModel): number {
  const { text, tensors } = encodeGraph(frozen);
  return encodeSafetensors(tensors, { format: inferenceFormat, formatVersion: version, graph: text }).length;
}

/** Writes a frozen model, whole or not at all. */
export async function writeFrozen(
  path: string,
  frozen: FrozenModel,
  info: Readonly<Record<string, string>>,
): Promise<void> {
  const { text, tensors } = encodeGraph(frozen);
  await writeSafetensors(path, tensors, { ...info, format: inferenceFormat, formatVersion: version, graph: text });
}

/** A frozen model from a file, checked, with the text entries of the header. */
export async function readFrozen(
  path: string,
): Promise<{ frozen: FrozenModel; info: Readonly<Record<string, string>> }> {
  const where = `load ${path}`;
  const { tensors, metadata } = await readSafetensors(path);
  const { format, formatVersion, graph = '', ...info } = metadata;
  expectFile(format === inferenceFormat, where, 'the format', inferenceFormat, () => format ?? 'none');
  expectFile(formatVersion === version, where, 'the version', version, () => formatVersion ?? 'none');
  return { frozen: decodeGraph(graph, tensors, where), info };
}
