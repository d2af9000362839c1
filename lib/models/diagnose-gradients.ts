/** Do gradients reach the first layers, or vanish or explode on the way (Hochreiter 1991; Bengio et al. 1994)? */
import { expectNumber } from '../functions/option-values';
import { complaint, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { fedSource } from './batch-source';
import { type Diagnosis, shown } from './diagnosis';
import type { Examples } from './evaluate';
import { feedsOf, probe, runProbe } from './parameter-vector';
import type { Session } from './session';
import { normOf } from './train-step';

export interface GradientDiagnosisOptions {
  /** Below this ratio of the first layer's norm to the last one's, gradients vanish. Default 1e-3. */
  readonly vanishing?: number;
  /** A norm above this explodes. Default 1e3. */
  readonly exploding?: number;
}

/** Norms of gradients layer by layer, and what they mean. */
export interface GradientDiagnosis extends Diagnosis<'vanishing' | 'exploding' | 'ok'> {
  /** The norm of the gradient of every weight of two axes or more, from the first layer to the last. */
  readonly layers: readonly { readonly path: string; readonly norm: number }[];
  /** The first of these norms over the last. */
  readonly ratio: number;
}

const advice = {
  vanishing: [
    'batch normalisation',
    'He weights for relu, Xavier weights for tanh',
    'relu or leakyRelu instead of sigmoid',
    'residual links',
    'for sequences an LSTM or a GRU',
  ],
  exploding: [
    'clip the norm of the gradients (clipByGlobalNorm)',
    'He or Xavier weights instead of larger ones',
    'batch normalisation',
    'a smaller learning rate',
  ],
  ok: [],
} as const;

/**
 * The norms |dL/dW| of the loss's gradients to the weights of each layer, on one batch: do they vanish or explode on their way
 * back?
 *
 * Gradients of the first layers are products over all layers behind them. When the first norm is less than a thousandth of
 * the last they vanish: the first layers do not learn. When any is above a thousand, or not finite, they explode.
 *
 * @param examples one batch; nothing of the session changes
 * @throws ConvoltError `OPTION` without a loss, `STATE` for a model without weights
 * @example
 * const { verdict, layers, advice } = await diagnoseGradients(session, data.take(train, 64));
 */
export async function diagnoseGradients(
  session: Session,
  examples: Examples,
  options: GradientDiagnosisOptions = {},
): Promise<GradientDiagnosis> {
  const where = 'diagnoseGradients';
  expectOptions(where, options, ['vanishing', 'exploding']);
  const { vanishing = 1e-3, exploding = 1e3 } = options;
  expectNumber(where, 'vanishing', vanishing, { above: 0 });
  expectNumber(where, 'exploding', exploding, { above: 0 });
  const source = fedSource(examples.input, examples.target);
  const program = await probe(session, where, source, ({ slopes }) => {
    const weights = [...slopes].filter(([, { shape }]) => shape.length >= 2);
    if (weights.length === 0) {
      throw complaint('STATE', { where, what: 'the model', expected: 'one with weights', actual: 'one without' });
    }
    return { outputs: Object.fromEntries(weights.map(([path, slope]) => [path, normOf(new Map([[path, slope]]))])) };
  });
  const outputs = await runProbe(session, program, feedsOf(examples));
  const layers = Object.entries(outputs).map(([path, { data }]: [string, Tensor]) => ({
    path,
    norm: data[0] as number,
  }));
  const [first, last] = [layers[0], layers.at(-1)] as [{ path: string; norm: number }, { path: string; norm: number }];
  const ratio = first.norm / last.norm;
  const worst = layers.find(({ norm }) => !(norm <= exploding));
  const norms = `the norm is ${shown(first.norm)} at ${first.path} and ${shown(last.norm)} at ${last.path}`;
  if (worst) {
    const evidence = `the gradient of ${worst.path} has the norm ${shown(worst.norm)}`;
    return { verdict: 'exploding', evidence, advice: advice.exploding, layers, ratio };
  }
  const verdict = ratio < vanishing ? 'vanishing' : 'ok';
  return { verdict, evidence: `${norms}, a ratio of ${shown(ratio)}`, advice: advice[verdict], layers, ratio };
}
