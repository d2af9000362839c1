/** Training that goes on from step to step: what layers carry is a state of the session. */
import { Scope, type Trace } from '../graph/scope';
import type { Executor } from '../runtime/executor';

const prefix = 'carried';

/**
 * The trace of a training step that begins where the one before it ended. Gradients end at the beginning of the step:
 * back-propagation through time is truncated there.
 */
export function newStatefulTrace(executor: Executor): Trace {
  const trace: Trace = executor.newTrace(true, (path, initial) =>
    new Scope(trace, prefix).state(path, initial.shape, () => initial, initial.dtype),
  );
  return trace;
}

/** Lets the next training step begin as the first one did. */
export const resetCarried = (executor: Executor): Promise<void> =>
  executor.restart((path) => path.startsWith(`${prefix}.`));
