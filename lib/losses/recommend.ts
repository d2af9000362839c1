/** Which loss for which task. */
import { expectChoice } from '../functions/option-values';

/** What is to be learnt. */
export type LossTask =
  | 'classification'
  | 'discriminativeFeatures'
  | 'noisyLabels'
  | 'regression'
  | 'regressionWithOutliers'
  | 'uncertainOrderedLabels';

/** Advice: names of this namespace, the first choice first, and why. */
export interface LossAdvice {
  readonly loss: string;
  readonly alternatives: readonly string[];
  readonly reason: string;
}

const advice: Readonly<Record<LossTask, LossAdvice>> = {
  classification: {
    loss: 'crossEntropy',
    alternatives: ['hinge'],
    reason: 'its gradient is large where the error is large; hinge usually ends slightly worse',
  },
  discriminativeFeatures: {
    loss: 'lSoftmax',
    alternatives: ['aSoftmax', 'amSoftmax', 'centerLoss', 'contrastive'],
    reason:
      'margins of angles make classes compact and keep them apart, as faces and retrieval need it; centerLoss does so beside crossEntropy',
  },
  noisyLabels: {
    loss: 'ramp',
    alternatives: ['crossEntropy with labelSmoothing'],
    reason: 'it stops growing, so that an example whose label is wrong has no gradient',
  },
  regression: {
    loss: 'squaredError',
    alternatives: ['smoothL1', 'absoluteError'],
    reason: 'it is right for normal errors; the others give less weight to large ones',
  },
  regressionWithOutliers: {
    loss: 'tukeyBiweight',
    alternatives: ['smoothL1', 'absoluteError'],
    reason: 'residuals far beyond the others lose all influence; a quadratic loss would follow them',
  },
  uncertainOrderedLabels: {
    loss: 'labelDistribution',
    alternatives: ['crossEntropy with soft labels', 'squaredError'],
    reason: 'neighbours of the given class share its probability, as ages or angles of a head ask for it',
  },
};

/**
 * The loss that suits a task, others that come into question, and why. Start with cross-entropy for classes and squared
 * error for numbers; what else the task has decides about the rest.
 *
 * @throws ConvoltError `OPTION` for an unknown task
 * @example recommendLoss('noisyLabels').loss // 'ramp'
 */
export function recommendLoss(task: LossTask): LossAdvice {
  expectChoice('recommendLoss', 'the task', task, Object.keys(advice));
  return advice[task];
}
