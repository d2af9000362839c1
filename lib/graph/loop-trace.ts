/** Knows whether the cell of a loop is being traced: what happens once per step of a model may not happen in it. */

let depth = 0;

/** True while a cell is traced. */
export const isTracingCell = (): boolean => depth > 0;

/** Runs `body` as the trace of a cell. */
export function tracingCell<T>(body: () => T): T {
  depth++;
  try {
    return body();
  } finally {
    depth--;
  }
}
