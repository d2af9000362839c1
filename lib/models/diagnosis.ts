/** What a diagnosis says: a verdict, the numbers that it rests on, and what to do. */

export interface Diagnosis<Verdict extends string = string> {
  readonly verdict: Verdict;
  /** The numbers behind the verdict, in words. */
  readonly evidence: string;
  /** What helps, most promising first; empty when nothing is wrong. */
  readonly advice: readonly string[];
}

/** A number as people read it. */
export const shown = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);

/** `12.3 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The diagnosis in one line. */
export const showDiagnosis = ({ verdict, evidence, advice }: Diagnosis): string =>
  `${verdict}: ${evidence}${advice.length ? `; advice: ${advice.join('; ')}` : ''}`;
