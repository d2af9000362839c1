/** Runs a session's model over examples and looks at values inside of it. */
import { Scope, type Trace } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import { isValue, type Value } from '../graph/value';
import type { Program } from '../runtime/program';
import { countOf, rowsOf } from './evaluate';
import { feedsFor, type InputData, isTensor, signatureOf, tensorsOf } from './model';
import type { Session } from './session';

/** Chooses what is computed from a trace of the model and its outputs. */
export type Pick = (trace: Trace, outputs: readonly Value[]) => Readonly<Record<string, Value>>;

/** What was picked, for one batch of `size` examples. */
export interface Observation {
  readonly size: number;
  readonly values: Readonly<Record<string, Tensor>>;
}

const rowsOfAll = (input: InputData, start: number, size: number): InputData =>
  isTensor(input)
    ? rowsOf(input, start, size)
    : Object.fromEntries(Object.entries(input).map(([name, one]) => [name, rowsOf(one, start, size)]));

let observations = 0;

export interface ObserveOptions {
  /** Examples per native step. Default 256. */
  readonly batchSize?: number;
  /** See the model as it is while training: batch statistics, dropout. Default false. */
  readonly training?: boolean;
}

/** Observes all of `input` batch by batch; no state changes. */
export async function* observe(
  where: string,
  session: Session,
  input: InputData,
  pick: Pick,
  { batchSize = 256, training = false }: ObserveOptions = {},
): AsyncGenerator<Observation> {
  const { executor } = session;
  const count = countOf(where, input);
  const programs = new Map<string, Program>();
  try {
    for (let start = 0; start < count; start += batchSize) {
      const size = Math.min(batchSize, count - start);
      const part = rowsOfAll(input, start, size);
      const tensors = tensorsOf('input', part);
      const signature = signatureOf(tensors);
      const program =
        programs.get(signature) ??
        (await executor.program(`${where} ${signature} ${++observations}`, () => {
          const trace = executor.newTrace(training);
          const { feeds, value } = feedsFor('input', part);
          const result = session.model(value, new Scope(trace));
          return {
            trace,
            feeds,
            keepsStates: true,
            outputs: { ...pick(trace, isValue(result) ? [result] : Object.values(result)) },
          };
        }));
      programs.set(signature, program);
      yield { size, values: (await program.run(tensors)).outputs };
    }
  } finally {
    executor.drop((candidate) => [...programs.values()].includes(candidate));
  }
}
