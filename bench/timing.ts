/** Timing of repeated work: median and minimum, as one JSON line per case. */

export interface Timing {
  readonly case: string;
  readonly threads: number;
  readonly median_ms: number;
  readonly min_ms: number;
  readonly n: number;
  /** Peak memory of the process. */
  readonly rss_mb?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

const rounded = (value: number): number => Number(value.toPrecision(5));

/** Sums up measured milliseconds. */
export const summarize = (name: string, threads: number, milliseconds: readonly number[]): Timing => ({
  case: name,
  threads,
  median_ms: rounded(median(milliseconds)),
  min_ms: rounded(Math.min(...milliseconds)),
  n: milliseconds.length,
});

/**
 * Measures `body` for about `seconds`, after at least two calls and a second that warm up: until then the threads that
 * compile JavaScript take part of the processors.
 *
 * @param body does the work and may return its own milliseconds; otherwise the call is timed
 */
export async function measure(body: () => Promise<number | undefined>, seconds = 6): Promise<number[]> {
  const once = async (): Promise<number> => {
    const began = performance.now();
    return (await body()) ?? performance.now() - began;
  };
  const start = performance.now();
  await once();
  let duration: number;
  do {
    const began = performance.now();
    await once();
    duration = performance.now() - began;
  } while (performance.now() - start < 1000);
  const count = Math.max(5, Math.min(300, Math.floor((seconds * 1000) / duration)));
  const results: number[] = [];
  for (let i = 0; i < count; i++) results.push(await once());
  return results;
}

/** The most memory that this process has had so far, as the line's `rss_mb`. */
export const peakMemory = () => ({ rss_mb: Math.round(process.resourceUsage().maxRSS / 1024) });

/** Prints a timing as JSON, or for people with extra facts. */
export function print(timing: Timing, json: boolean, extra: Readonly<Record<string, number | string>> = {}): void {
  if (json) {
    console.log(JSON.stringify({ ...timing, ...extra }));
    return;
  }
  const facts = Object.entries(extra)
    .map(([name, value]) => `${name} ${value}`)
    .join('  ');
  console.log(
    `${timing.case.padEnd(28)} ${timing.threads} thread(s)  median ${timing.median_ms} ms  min ${timing.min_ms} ms  n ${timing.n}  ${facts}`,
  );
}
