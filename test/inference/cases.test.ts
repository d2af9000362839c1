/** Every op, frozen, written as text and read again, gives the numbers that it gives in a session. */
import { type InferenceModel, ops, Session, type Tensor, type Value } from '../../lib';
import { InferenceModel as Model } from '../../lib/models/inference';
import { decodeGraph, encodeGraph } from '../../lib/models/inference-graph';
import { buildCase, cases, type OpCase } from '../cases';
import { expectClose, F32 } from '../closeness';

/** The model after a way through text. */
function reread({ frozen }: InferenceModel): InferenceModel {
  const { text, tensors } = encodeGraph(frozen);
  return new Model(decodeGraph(text, tensors, 'test'));
}

/** Runs a case in a session and frozen; with `frozenInputs` all inputs but the first are constants of the model. */
async function bothWays({ build }: OpCase, all: Readonly<Record<string, Tensor>>, frozenInputs: boolean) {
  const [first, ...others] = Object.entries(all);
  const tensors = frozenInputs ? Object.fromEntries(first ? [first] : []) : all;
  const model = (inputs: Readonly<Record<string, Value>>) => {
    const constants = frozenInputs ? others.map(([, tensor]) => ops.constant(tensor)) : [];
    const outputs = [build(...Object.values(inputs), ...constants)].flat() as Value[];
    return Object.fromEntries(outputs.map((output, i) => [`y${i}`, output]));
  };
  const session = new Session(model);
  const frozen = await session.compileForInference(tensors, { batch: 'fixed' });
  const copy = reread(frozen);
  const expected = (await session.run(tensors)) as unknown as Record<string, Tensor>;
  const actual = (await copy.predict(tensors)) as Record<string, Tensor>;
  for (const one of [session, frozen, copy]) one.dispose();
  return { expected, actual };
}

/** The first cases of every op. */
const some = cases.filter(
  (opCase, i) => cases.slice(0, i).filter((other) => other.op === opCase.op).length < 3 && opCase.inputs.length > 0,
);
const runs = some.flatMap((opCase) =>
  [false, true].map(
    (frozenInputs) => [opCase.name, frozenInputs ? 'of constants' : 'of feeds', opCase, frozenInputs] as const,
  ),
);

test.each(runs)('%s %s', async (_, __, opCase, frozenInputs) => {
  const { expected, actual } = await bothWays(opCase, buildCase(opCase).tensors, frozenInputs);
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected)) {
    expectClose(actual[name] as Tensor, tensor, opCase.tolerance ?? F32);
  }
});
