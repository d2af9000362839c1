/** Whole files as bytes, and the two ways in which a file fails: the system refuses it, or its content lies. */
import { readFile } from 'node:fs/promises';
import { type ConvoltError, complaint } from '../graph/errors';

/** Throws a `FILE` complaint unless `condition` holds. */
export function expectFile(
  condition: boolean,
  where: string,
  what: string,
  expected: string,
  actual: () => unknown,
): asserts condition {
  if (!condition) throw complaint('FILE', { where, what, expected, actual: String(actual()) });
}

/** What the operating system said, e.g. `ENOSPC: no space left on device`. */
function systemMessage(cause: unknown): string {
  const { message = String(cause) } = cause as NodeJS.ErrnoException;
  return message.replace(/, \w+( '.*)?$/, '');
}

/** The complaint about a path that the system refused. */
export function refused(where: string, path: string, expected: string, cause: unknown): ConvoltError {
  const { code } = cause as NodeJS.ErrnoException;
  const missing = expected === 'readable' && (code === 'ENOENT' || code === 'ENOTDIR');
  const parts = { where, what: `'${path}'`, expected, actual: systemMessage(cause) };
  return Object.assign(complaint(missing ? 'FILE' : 'IO', parts), { cause });
}

/**
 * The bytes of a file.
 *
 * @throws ConvoltError `FILE` when there is none, `IO` when the system refuses to read it
 */
export async function readBytes(where: string, path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw refused(where, path, 'readable', cause);
  }
}

/** The memory of a typed array as bytes, not copied. */
export const bytesOfArray = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
