/** The one error type of Convolt and the one sentence form in which every error speaks. */
import { dirname, sep } from 'node:path';
import { suggestion } from './nearest-name';

/** What went wrong, for programs; the message says it for people. */
export type ErrorCode =
  | 'SHAPE' // sizes do not fit
  | 'DTYPE' // wrong element type
  | 'VALUE' // a number, label or option value out of its range
  | 'OPTION' // unknown or contradictory option name
  | 'STATE' // a parameter or state that is missing, duplicated or of another shape
  | 'DATA' // a dataset that is empty, too small or inconsistent
  | 'FILE' // a file that is missing, truncated or lies about its sizes
  | 'IO' // the operating system refused to read or write
  | 'BUSY' // a second run on a store that is running
  | 'DISPOSED' // use after dispose()
  | 'ABORTED' // stopped by an AbortSignal
  | 'NOT_FINITE' // NaN or infinity where numbers were expected
  | 'NATIVE'; // the native core refused or could not be loaded

const libraryFolder = dirname(__dirname) + sep;

const isFrame = (line: string): boolean => /^\s+at /.test(line);
const isUsersFrame = (line: string): boolean => !line.includes(libraryFolder) && !line.includes('(<anonymous>)');

/** Drops the library's own frames, so that the first line of the stack is the user's line. */
export function usersFrames(stack: string): string {
  if (process.env.CONVOLT_STACK === 'full') return stack;
  const lines = stack.split('\n');
  const kept = lines.filter((line) => !isFrame(line) || isUsersFrame(line));
  return kept.some(isFrame) ? kept.join('\n') : stack;
}

/**
 * Every failure of Convolt. `code` is stable; `message` has the form
 * `<where>: expected <what> to be <expected> but got <actual> (<details>)`.
 */
export class ConvoltError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ConvoltError';
    this.code = code;
    if (this.stack) this.stack = usersFrames(this.stack);
  }
}

/** The parts of the sentence. `details` are shown in brackets, e.g. `{ input: '[2, 3]', at: 'dense1' }`. */
export interface Complaint {
  where: string;
  what: string;
  expected: string;
  actual: string;
  details?: Record<string, string>;
}

/** The path of the layer that is being traced now; it is added to every complaint made meanwhile. */
const tracedPath: string[] = [];

/** The path of the layer that is being traced now, if any. */
export const currentPath = (): string | undefined => tracedPath.at(-1);

/** Runs `body` while complaints name `path` as the place. */
export function tracingAt<T>(path: string, body: () => T): T {
  tracedPath.push(path);
  try {
    return body();
  } finally {
    tracedPath.pop();
  }
}

/** Makes the error of a broken expectation. */
export function complaint(code: ErrorCode, parts: Complaint): ConvoltError {
  const { where, what, expected, actual } = parts;
  const details = { ...parts.details };
  const at = currentPath();
  if (at) details.at = at;
  const shown = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  const suffix = shown.length ? ` (${shown.join(', ')})` : '';
  return new ConvoltError(code, `${where}: expected ${what} to be ${expected} but got ${actual}${suffix}`);
}

/** Throws the complaint unless `condition` holds. */
export function expect(condition: boolean, code: ErrorCode, parts: () => Complaint): asserts condition {
  if (!condition) throw complaint(code, parts());
}

/** Refuses option names that `known` does not list, so that a misspelt option is never silently ignored. */
export function expectOptions(where: string, options: object | undefined, known: readonly string[]): void {
  for (const name of Object.keys(options ?? {})) {
    expect(known.includes(name), 'OPTION', () => ({
      where,
      what: 'every option',
      expected: `one of ${known.join(', ')}`,
      actual: `'${name}'${suggestion(name, known)}`,
    }));
  }
}
