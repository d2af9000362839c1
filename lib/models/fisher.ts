/** The Fisher information of a classifier: how much its probabilities change with its parameters. */
import { gradients } from '../compiler/differentiate';
import { expectChoice } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { Scope } from '../graph/scope';
import { showType, type Tensor } from '../graph/tensor';
import { isValue, named, type Value } from '../graph/value';
import { mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { logSoftmax } from '../ops/softmax';
import { feed } from '../ops/source';
import { countOf, type Examples, rowsOf } from './evaluate';
import { feedsFor, type InputData, isTensor, signatureOf, tensorsOf } from './model';
import type { Session } from './session';
import { parametersOf } from './train-step';

const most = 5000;

/** Row `i` of every part. */
const example = (data: InputData, i: number): InputData =>
  isTensor(data)
    ? rowsOf(data, i, 1)
    : Object.fromEntries(Object.entries(data).map(([name, part]) => [name, rowsOf(part, i, 1)]));

/**
 * F = mean over examples of sum over classes k of p_k * s_k s_k', with the slopes s_k of log p_k to all parameters: the exact
 * expectation over what the model itself predicts. `empirical` takes the slope of the given label's log p alone.
 *
 * @param examples logits [N, K] come out of the model; labels int32 [N] are read by `empirical` only
 * @param options.kind default 'exact'
 * @returns [n][n] over all parameters, one behind the other; of at most 5000
 * @throws ConvoltError `SHAPE` when the model does not give [N, K], `VALUE` for larger models
 * @example const rows = await fisher(session, batch);
 */
export async function fisher(
  session: Session,
  examples: Examples,
  options: { kind?: 'exact' | 'empirical' } = {},
): Promise<readonly Float64Array[]> {
  expectOptions('fisher', options, ['kind']);
  const { kind = 'exact' } = options;
  expectChoice('fisher', 'kind', kind, ['exact', 'empirical']);
  const count = countOf('fisher', examples.input);
  const first = example(examples.input, 0);
  const program = await session.executor.program(`fisher ${signatureOf(tensorsOf('input', first))}`, () => {
    const trace = session.executor.newTrace(false);
    const { feeds, value } = feedsFor('input', first);
    const logits = session.model(value, new Scope(trace));
    expect(isValue(logits) && logits.shape.length === 2, 'SHAPE', () => ({
      where: 'fisher',
      what: 'the output of the model',
      expected: '[N, K]',
      actual: isValue(logits) ? showType(logits) : 'several values',
    }));
    const scores = logSoftmax(logits as Value);
    const chosen = feed('chosen', scores.shape);
    const parameters = parametersOf(trace);
    const slopes = gradients(sum(mul(scores, chosen)), [...parameters.values()]);
    const outputs = Object.fromEntries([...parameters.keys()].map((path, i) => [path, slopes[i] as Value]));
    return { trace, feeds: [...feeds, chosen], outputs: { ...outputs, scores: named('scores', scores) } };
  });
  let matrix: Float64Array[] = [];
  const add = (slope: Float64Array, weight: number): void => {
    if (matrix.length === 0) {
      expect(slope.length <= most, 'VALUE', () => ({
        where: 'fisher',
        what: 'the number of parameters',
        expected: `at most ${most}`,
        actual: String(slope.length),
      }));
      matrix = Array.from(slope, () => new Float64Array(slope.length));
    }
    for (const [i, row] of matrix.entries()) {
      const factor = weight * (slope[i] as number);
      if (factor !== 0)
        for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) + factor * (slope[j] as number);
    }
  };
  for (let i = 0; i < count; i++) {
    const input = tensorsOf('input', example(examples.input, i));
    const run = async (k: number, classes: number) => {
      const data = Float32Array.from({ length: classes }, (_, j) => Number(j === k));
      const { outputs } = await program.run({ ...input, chosen: { dtype: 'float32', shape: [1, classes], data } });
      const { scores, ...slopes } = outputs;
      const slope = Float64Array.from(Object.values(slopes).flatMap(({ data: numbers }) => [...numbers]));
      return { slope, p: Math.exp((scores as Tensor).data[k] as number) };
    };
    const classes = program.plan.feeds.find(({ name }) => name === 'chosen')?.shape[1] ?? 0;
    const labels = kind === 'exact' ? Array.from({ length: classes }, (_, k) => k) : [labelOf(examples, i)];
    for (const k of labels) {
      const { slope, p } = await run(k, classes);
      add(slope, (kind === 'exact' ? p : 1) / count);
    }
  }
  return matrix;
}

const labelOf = ({ target }: Examples, i: number): number => (target as Tensor).data[i] as number;
