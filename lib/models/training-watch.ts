/** Watches a training from the side: warns of batches that are too small and of a loss that rises at once. */
import { ConvoltError } from '../graph/errors';
import { diagnoseFit } from './diagnose-fit';
import { diagnoseLoss } from './diagnose-loss';
import { type Diagnosis, showDiagnosis } from './diagnosis';
import type { History } from './history';

/** Losses that are watched for a sharp rise. */
const watched = 20;
/** Batches of fewer examples give gradients that mostly oscillate. */
const leastBatch = 8;

interface WatchOptions {
  readonly batchSize?: number;
  readonly onAdvice?: (diagnosis: Diagnosis) => void;
  readonly stopOnRise?: boolean;
}

/** Judges a batch size: gradients of fewer than 8 examples per step are `noisy`. */
export function diagnoseBatchSize(batchSize: number): Diagnosis<'noisy' | 'ok'> {
  if (batchSize >= leastBatch) return { verdict: 'ok', evidence: `${batchSize} examples per step`, advice: [] };
  const evidence = `${batchSize} examples per step give gradients that differ much from batch to batch`;
  return { verdict: 'noisy', evidence, advice: ['use 32 to 256 examples per step, or a smaller learning rate'] };
}

/** Gathers the first losses of a training and tells once when they explode. */
export class TrainingWatch {
  readonly firstLosses: number[] = [];
  private told = false;

  constructor(private readonly options: WatchOptions) {
    const found = diagnoseBatchSize(options.batchSize ?? 32);
    if (found.advice.length) options.onAdvice?.(found);
  }

  /** Notes the losses of `count` batches. */
  note(losses: ArrayLike<number>, count: number): void {
    if (this.firstLosses.length >= watched) return;
    this.firstLosses.push(...Array.from(losses).slice(0, Math.min(count, watched - this.firstLosses.length)));
    if (this.told || this.firstLosses.length < 2) return;
    const found = diagnoseLoss(this.firstLosses);
    if (found.verdict !== 'explode') return;
    this.told = true;
    this.options.onAdvice?.(found);
    if (this.options.stopOnRise)
      throw new ConvoltError('ABORTED', `fit: stopped since the loss rises; ${showDiagnosis(found)}`);
  }
}

/** What the curves of a finished training say, as far as something is wrong. */
export function diagnoseHistory(history: History, target?: number): readonly Diagnosis[] {
  const { epochs, firstLosses: first } = history;
  const losses = epochs.map(({ training }) => training.loss as number);
  const found: Diagnosis[] = losses.length > 1 ? [diagnoseLoss(losses, first?.length ? { first } : {})] : [];
  const curve = (part: 'training' | 'validation'): number[] => epochs.flatMap((report) => report[part]?.accuracy ?? []);
  const [training, validation] = [curve('training'), curve('validation')];
  if (target !== undefined && validation.length > 0 && training.length === validation.length) {
    found.push(diagnoseFit({ training, validation, target }));
  }
  return found.filter(({ advice }) => advice.length > 0);
}
