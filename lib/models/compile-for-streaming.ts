/** From a session to a streaming model: traced with what it carries from call to call as inputs and outputs, frozen. */
import { expect } from '../graph/errors';
import type { Carrier, Trace } from '../graph/scope';
import { sameShape, showShape, showType } from '../graph/tensor';
import { reachable } from '../graph/value';
import { feed } from '../ops/source';
import { batchOption, batchType, freeze, type InferenceOptions, type InputTypes } from './compile-for-inference';
import type { BatchType } from './inference';
import type { Session } from './session';
import { StreamingModel } from './streaming-model';

const where = 'compileForStreaming';

const carrier: Carrier = (path, { shape, dtype }) => feed(`carried:${path}`, shape, dtype);

/** What the model carries, as outputs of one call. */
function carriedOutputs(trace: Trace) {
  const carried = [...trace.carried.values()];
  for (const { path, initial } of carried) {
    const needed = reachable([initial]).find(({ op }) => op.name === 'feed');
    expect(needed === undefined, 'STATE', () => ({
      where,
      what: `the beginning of ${path}`,
      expected: 'independent of the input',
      actual: `one that needs ${needed?.outputs[0]?.name}`,
    }));
  }
  return Object.fromEntries(
    carried.flatMap(({ path, initial, next }) => [
      [`initial:${path}`, initial],
      [`next:${path}`, next],
    ]),
  );
}

/** The types of what is carried, in which the first axis is that of the sequences. */
function carriedTypes([first, second]: readonly [Trace, Trace], isAny: boolean): Record<string, BatchType> {
  const types = [...first.carried.values()].map(({ path, value }) => {
    const twin = second.carried.get(path)?.value ?? value;
    const isFit = !isAny || (value.shape[0] !== twin.shape[0] && sameShape(value.shape.slice(1), twin.shape.slice(1)));
    expect(isFit, 'SHAPE', () => ({
      where,
      what: `the carried ${path}`,
      expected: "[N, ...] for N sequences (or the option batch: 'fixed' given)",
      actual: `${showType(value)} and ${showShape(twin.shape)}`,
    }));
    return [`carried:${path}`, batchType(value, isAny)];
  });
  return Object.fromEntries(types);
}

/**
 * Makes a model that goes on from call to call; see `Session.compileForStreaming`.
 *
 * The weights are those of this moment: later training does not change the model.
 */
export async function compileForStreaming(
  session: Session,
  input: InputTypes,
  options: InferenceOptions = {},
): Promise<StreamingModel> {
  const batch = batchOption(where, options);
  const { frozen, traces } = await freeze(session, input, { where, batch, carrier, more: carriedOutputs });
  const carried = [...traces[0].carried.keys()];
  expect(carried.length > 0, 'STATE', () => ({
    where,
    what: 'the model',
    expected: 'one that carries something from call to call, as recurrent layers do',
    actual: 'one that carries nothing',
  }));
  const inputs = { ...frozen.inputs, ...carriedTypes(traces, batch === 'any') };
  return new StreamingModel({ ...frozen, inputs, carried });
}
