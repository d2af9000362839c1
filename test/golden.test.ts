/** Graphs against the numbers of PyTorch and NumPy: the reference at F64, the native core at F32 and F32G. */
import { gradients } from '../lib/compiler/differentiate';
import { type Tensor, tensor } from '../lib/graph/tensor';
import type { Value } from '../lib/graph/value';
import { feed } from '../lib/ops/source';
import { evaluate, type Tensor64 } from '../lib/reference';
import { expectClose, F32, F32G, F64, type Tolerance } from './closeness';
import { calls } from './golden/calls';
import { type Answer, type GoldenCase, golden, make, noise, thinned } from './golden/golden';
import { runNative } from './native-run';

const upstreamSeed = 99;

interface BuiltGolden {
  readonly outputs: readonly Value[];
  /** The gradients that the oracle gave, by input. */
  readonly slopes: readonly Value[];
  readonly answers: readonly Answer[];
  readonly slopeAnswers: readonly Answer[];
  readonly feeds: ReadonlyMap<string, Tensor64>;
}

function build(golden: GoldenCase): BuiltGolden {
  const call = calls[golden.call];
  if (!call) throw new Error(`golden: no call '${golden.call}'`);
  const tensors = golden.inputs.map(make);
  const inputs = tensors.map(({ shape, dtype }, i) => feed(`x${i}`, shape, dtype));
  const outputs = [call(inputs, golden.options)].flat() as Value[];
  const feeds = new Map(tensors.map((made, i) => [`x${i}`, made]));
  const [first] = outputs as [Value];
  const asked = (golden.gradients ?? []).flatMap((answer, i) =>
    answer ? [{ answer, input: inputs[i] as Value }] : [],
  );
  if (asked.length) feeds.set('upstream', noise(upstreamSeed, first.shape));
  const slopes = asked.length
    ? gradients(
        first,
        asked.map(({ input }) => input),
        feed('upstream', first.shape),
      )
    : [];
  return { outputs, slopes, answers: golden.outputs, slopeAnswers: asked.map(({ answer }) => answer), feeds };
}

type Computed = Pick<Tensor, 'shape'> & { data: ArrayLike<number> };

function compare(computed: readonly Computed[], answers: readonly Answer[], tolerance: Tolerance): void {
  expect(computed.length).toBe(answers.length);
  answers.forEach((answer, i) => {
    const { shape, data } = computed[i] as Computed;
    expect(shape).toEqual(answer.shape);
    expectClose({ shape, data: thinned(data, answer) }, { shape, data: answer.values }, tolerance);
  });
}

const narrowed = (feeds: ReadonlyMap<string, Tensor64>): Record<string, Tensor> =>
  Object.fromEntries([...feeds].map(([name, { dtype, shape, data }]) => [name, tensor([...data], shape, dtype)]));

const files = ['arrays', 'matmul', 'conv', 'conv-transpose', 'pool', 'functions', 'losses', 'layers', 'recurrent'];

describe.each(files)('%s', (file) => {
  const { oracle, cases } = golden(file);
  const named = cases.map((golden): [string, GoldenCase] => [golden.name, golden]);

  test.each(named)(`reference equals ${oracle}: %s`, (_, golden) => {
    const { outputs, slopes, answers, slopeAnswers, feeds } = build(golden);
    const computed = evaluate([...outputs, ...slopes], feeds);
    compare(computed, [...answers, ...slopeAnswers], F64);
  });

  test.each(named)(`native core equals ${oracle}: %s`, async (_, golden) => {
    const { outputs, slopes, answers, slopeAnswers, feeds } = build(golden);
    const computed = await runNative([...outputs, ...slopes], narrowed(feeds));
    compare(computed.slice(0, outputs.length), answers, F32);
    compare(computed.slice(outputs.length), slopeAnswers, F32G);
  });
});
