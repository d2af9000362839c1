/** All parameters of a session as one vector, and its loss as a function of that vector. */

import { complaint } from '../graph/errors';
import { Scope } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import { named, type Value } from '../graph/value';
import { constant } from '../ops/source';
import type { Closure } from '../optimizers/closure';
import { randomKeyPath } from '../runtime/executor';
import type { Program } from '../runtime/program';
import { type BatchSource, fedSource } from './batch-source';
import { compute } from './compute';
import type { Examples } from './evaluate';
import { tensorsOf } from './model';
import type { Session } from './session';
import { type Backward, traceBackward } from './train-step';

/**
 * The program that traces loss and gradients of a batch in training mode and gives what `outputsOf` makes of them; nothing of
 * the session changes when it runs by `runProbe`.
 */
export function probe(
  session: Session,
  name: string,
  source: BatchSource,
  outputsOf: (backward: Backward) => { outputs: Record<string, Value>; feeds?: readonly Value[] },
): Promise<Program> {
  return session.executor.program(`probe ${name} ${source.signature}`, () => {
    const { loss, metrics, regularizer } = session.options;
    if (!loss) {
      throw complaint('OPTION', { where: name, what: "the session's loss", expected: 'given', actual: 'nothing' });
    }
    const trace = session.executor.newTrace(true);
    const { feeds, input, target } = source.batch(new Scope(trace));
    const backward = traceBackward(trace, session.model, { loss, metrics, regularizer }, input, target);
    trace.updates.clear();
    const { outputs, feeds: more = [] } = outputsOf(backward);
    return { trace, feeds: [...feeds, ...more], outputs };
  });
}

/** Runs a probe; the random key of the session stays what it was. */
export async function runProbe(
  session: Session,
  program: Program,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Readonly<Record<string, Tensor>>> {
  const key = session.read(randomKeyPath);
  const { outputs } = await program.run(feeds);
  session.write(randomKeyPath, key);
  return outputs;
}

/** The feeds of a batch that is brought along. */
export const feedsOf = ({ input, target }: Examples): Record<string, Tensor> => ({
  ...tensorsOf('input', input),
  ...tensorsOf('target', target),
});

/** The trained parameters of a session that has been traced, by path, in the order of their declaration. */
const parameterPaths = (session: Session): readonly string[] =>
  session.declarations().flatMap(({ path, role }) => (role === 'parameter' ? [path] : []));

/** All parameters of a session in one vector, layer after layer. */
export function parametersAsVector(session: Session): Float64Array {
  return Float64Array.from(parameterPaths(session).flatMap((path) => [...session.read(path).data]));
}

/** Writes `vector` to all parameters of a session, in the order of `parametersAsVector`. */
export function setParameters(session: Session, vector: ArrayLike<number>): void {
  let offset = 0;
  for (const path of parameterPaths(session)) {
    const now = session.read(path);
    const data = Float32Array.from(now.data, (_, i) => vector[offset + i] as number);
    session.write(path, { ...now, data });
    offset += data.length;
  }
}

/** Applies the constraints that layers have put on their parameters. */
export async function constrain(session: Session): Promise<void> {
  for (const { path, constraint } of session.executor.declarations.values()) {
    if (!constraint) continue;
    const [allowed] = await compute([constraint(constant(session.read(path)))]);
    session.write(path, allowed as Tensor);
  }
}

/**
 * The mean loss of `examples`, penalties included, and its gradient, as functions of all parameters: what `lbfgs` and `bfgs`
 * minimise. The session holds the parameters of the last call; constraints of layers are not applied on the way.
 *
 * @example
 * const { closure, start } = await lossOf(session, train);
 * const { x } = await optimizers.lbfgs(closure, start);
 * setParameters(session, x);
 */
export async function lossOf(session: Session, examples: Examples): Promise<{ closure: Closure; start: Float64Array }> {
  const source = fedSource(examples.input, examples.target);
  const program = await probe(session, 'lossOf', source, ({ loss, slopes }) => ({
    outputs: { value: named('value', loss), ...Object.fromEntries(slopes) },
  }));
  const feeds = feedsOf(examples);
  const closure: Closure = async (x) => {
    setParameters(session, x);
    const { value, ...slopes } = await runProbe(session, program, feeds);
    const gradient = parameterPaths(session).flatMap((path) => [...(slopes[path] as Tensor).data]);
    return { value: (value as Tensor).data[0] as number, gradient };
  };
  return { closure, start: parametersAsVector(session) };
}
