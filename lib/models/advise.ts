/** The tuning advisor: what to try, in the order of a practitioner's list, with what was measured. */
import { expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import { diagnoseFit } from './diagnose-fit';
import { diagnoseLoss } from './diagnose-loss';
import { type Diagnosis, percent, shown } from './diagnosis';
import type { History } from './history';

/** What the advisor may tell to try. */
export type Action =
  | 'loss function'
  | 'batch size'
  | 'activation function'
  | 'learning rate'
  | 'early stopping'
  | 'regularisation'
  | 'dropout'
  | 'structure';

/** One thing to try. */
export interface Advice {
  readonly action: Action;
  /** How to go about it. */
  readonly advice: string;
  /** What was measured that speaks for it; absent where nothing was. */
  readonly evidence?: string;
}

export interface AdviseOptions {
  /** The accuracy on validation data that would be good enough. Default 0.9. */
  readonly target?: number;
  /** The measure that is an accuracy. Default `accuracy`. */
  readonly measure?: string;
  /** Examples per step of the training. */
  readonly batchSize?: number;
  /** What `diagnoseGradients` found. */
  readonly gradients?: Diagnosis;
  /** What `diagnoseUnits` found. */
  readonly units?: Diagnosis;
}

const training: Readonly<Record<'loss function' | 'batch size' | 'activation function' | 'learning rate', string>> = {
  'loss function': 'use one that fits the task: crossEntropy of logits for classes, squaredError for numbers',
  'batch size': 'use 32 to 256 examples per step',
  'activation function': 'use relu or leakyRelu with He weights, batch normalisation, residual links',
  'learning rate': 'try others by factors of 3, or ask learningRateRange; or an adaptive optimizer such as adam',
};

const generalisation: Readonly<Record<'early stopping' | 'regularisation' | 'dropout' | 'structure', string>> = {
  'early stopping': 'keep the weights of the best epoch (earlyStopping)',
  regularisation: 'penalise or limit weights: l2, l1, max-norm; add data by augmentation',
  dropout: 'drop activations before the last layers',
  structure: 'use fewer layers or units',
};

type Evidence = Readonly<Partial<Record<Action, string>>>;

const listed = (actions: object, evidence: Evidence): Advice[] =>
  Object.entries(actions).map(
    ([action, advice]) => ({ action, advice, evidence: evidence[action as Action] }) as Advice,
  );

/** The advice in one line. */
export const showAdvice = ({ action, advice, evidence }: Advice): string =>
  `${action}: ${advice}${evidence ? ` (${evidence})` : ''}`;

/**
 * Joins the diagnoses of a training to a list of things to try, in order and each with its evidence.
 *
 * Bad on the training data: another loss function, batch size, activation function, learning rate. Good there and bad on the
 * validation data: early stopping, regularisation, dropout, a smaller structure. Nothing when both are good.
 *
 * The training data is bad when its accuracy ends below the target (without an accuracy: when the loss explodes, stalls or is
 * slow), or when gradients vanish or explode.
 *
 * @throws ConvoltError `DATA` for a history without epochs
 * @example
 * const history = await fit(session, train, { validation });
 * for (const line of advise(history, { target: 0.97 })) console.log(showAdvice(line));
 */
export function advise(
  history: Pick<History, 'epochs' | 'firstLosses'>,
  options: AdviseOptions = {},
): readonly Advice[] {
  expectOptions('advise', options, ['target', 'measure', 'batchSize', 'gradients', 'units']);
  const { target = 0.9, measure = 'accuracy', batchSize, gradients, units } = options;
  expectNumber('advise', 'the target', target, { above: 0, most: 1 });
  const { epochs, firstLosses: first } = history;
  expect(epochs.length > 0, 'DATA', () => ({
    where: 'advise',
    what: 'the number of epochs',
    expected: 'above 0',
    actual: '0',
  }));
  const curve = (part: 'training' | 'validation', name: string): number[] =>
    epochs.flatMap(({ [part]: means }) => means?.[name] ?? []);
  const losses = curve('training', 'loss');
  const loss = losses.length > 1 ? diagnoseLoss(losses, first?.length ? { first } : {}) : undefined;
  const [learnt, validated] = [curve('training', measure), curve('validation', measure)];
  const last = learnt.at(-1);
  const gradientsAreBad = gradients !== undefined && gradients.advice.length > 0;
  const isBad = last === undefined ? loss !== undefined && loss.verdict !== 'good' : last < target;
  if (isBad || gradientsAreBad || loss?.verdict === 'explode') {
    const told = [gradients, units].flatMap((found) => (found?.advice.length ? found.evidence : []));
    const small = batchSize !== undefined && (batchSize < 32 || batchSize > 256);
    return listed(training, {
      'loss function': last === undefined ? undefined : `training ends at ${percent(last)}`,
      'batch size': small ? `${batchSize} examples per step` : undefined,
      'activation function': told.length ? told.join('; ') : undefined,
      'learning rate': loss && loss.verdict !== 'good' ? `the loss ${loss.verdict}: ${loss.evidence}` : undefined,
    });
  }
  if (validated.length !== learnt.length || validated.length === 0) return [];
  const fit = diagnoseFit({ training: learnt, validation: validated, target });
  const best = Math.max(...validated);
  if (fit.verdict === 'ok' && best >= target) return [];
  const peak = `validation peaked at ${shown(best)} in epoch ${epochs[validated.indexOf(best)]?.epoch}`;
  return listed(generalisation, { 'early stopping': peak, regularisation: fit.evidence });
}
