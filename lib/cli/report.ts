/** What the command line prints: progress, tables, pictures of digits in characters, or JSON lines. */
import { SingleBar } from 'cli-progress';
import type { Change, CompressionReport } from '../compress';
import type { Tensor } from '../graph/tensor';
import { sizeOf } from '../graph/tensor';
import type { ConfusionMatrix } from '../metrics';
import { type Diagnosis, type EpochReport, type Progress, showDiagnosis } from '../models';

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** `0.1234` for a loss, `97.50 %` for an accuracy. */
export const showMeasure = (name: string, value: number): string =>
  /accuracy/i.test(name) ? percent(value) : value.toFixed(4);

/** All measures in one line. */
export const showAll = (means: Readonly<Record<string, number>>): string =>
  Object.entries(means)
    .map(([name, value]) => `${name} ${showMeasure(name, value)}`)
    .join('  ');

/** Shows training: a live bar on a terminal, a line per epoch elsewhere, JSON lines on request. */
export class TrainingReport {
  private bar?: SingleBar;

  constructor(private readonly json: boolean) {}

  onProgress = ({ epoch, epochs, batch, batches, training, examplesPerSecond }: Progress): void => {
    if (this.json || !process.stdout.isTTY) return;
    if (!this.bar) {
      const format = 'epoch {epoch} {bar} {value}/{total}  {measures}  {speed}/s';
      this.bar = new SingleBar({ format, hideCursor: true, barsize: 24, clearOnComplete: true });
      this.bar.start(batches, 0, { epoch, measures: '', speed: '' });
    }
    const payload = { epoch: `${epoch}/${epochs}`, measures: showAll(training), speed: Math.round(examplesPerSecond) };
    this.bar.update(batch, payload);
  };

  onEpoch = (report: EpochReport): void => {
    this.stop();
    const { epoch, training, validation, seconds } = report;
    if (this.json) console.log(JSON.stringify(report));
    else
      console.log(
        `epoch ${epoch}: training ${showAll(training)}${validation ? `   validation ${showAll(validation)}` : ''}   ${seconds.toFixed(1)} s`,
      );
  };

  onAdvice = (found: Diagnosis): void => {
    this.stop();
    console.log(this.json ? JSON.stringify({ advice: found }) : `diagnosis: ${showDiagnosis(found)}`);
  };

  /** Takes the bar off the screen. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

/** A confusion matrix as a table: rows are true classes, columns predictions. */
export function showConfusion({ counts, recall, precision }: ConfusionMatrix): string {
  const width = Math.max(4, ...counts.flat().map((count) => String(count).length + 1));
  const cell = (content: unknown) => String(content).padStart(width);
  const header = `true\\pred${counts.map((_, i) => cell(i)).join('')}   recall`;
  const rows = counts.map(
    (row, i) =>
      `${String(i).padStart(9)}${row.map((count) => cell(count || '.')).join('')}   ${percent(recall[i] as number)}`,
  );
  const last = `precision${precision.map((share) => cell(Math.round(100 * share))).join('')}   (%)`;
  return [header, ...rows, last].join('\n');
}

const bytes = (count: number): string =>
  count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(2)} MB`;

/** What compression has done: sizes, accuracies and times before and after, and the layers that stayed. */
export function showCompression({ bytes: size, accuracy, milliseconds, layers }: CompressionReport): string {
  const row = (name: string, { before, after }: Change, show: (number: number) => string, note = '') =>
    `${name.padEnd(10)}${show(before).padStart(12)} -> ${show(after).padStart(12)}   ${note}`.trimEnd();
  const time = (number: number) => `${number.toPrecision(3)} ms`;
  const kept = layers.filter(({ converted }) => !converted);
  return [
    row('file', size, bytes, `${(size.before / size.after).toFixed(2)}x smaller`),
    ...(accuracy ? [row('accuracy', accuracy, percent)] : []),
    row('an image', milliseconds, time, `${(milliseconds.before / milliseconds.after).toFixed(2)}x as fast`),
    `${layers.length - kept.length} layers converted${kept.length ? ', these were not:' : ''}`,
    ...kept.map(({ path, op, reason }) => `  ${path || 'model'}  ${op}: ${reason}`),
  ].join('\n');
}

/** An image [H, W, 1] in characters, dark to light. */
export function drawImage({ data, shape }: Tensor): string {
  const ramp = ' .:-=+*#%@';
  const [height, width] = shape as [number, number];
  const channels = sizeOf(shape) / (height * width);
  const peak = Math.max(1e-9, ...data);
  const character = (value: number) =>
    (ramp[Math.min(ramp.length - 1, Math.floor((Math.max(value, 0) / peak) * ramp.length))] as string).repeat(2);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => character(data[(y * width + x) * channels] as number)).join(''),
  ).join('\n');
}

/** Several multi-line blocks side by side. */
export function sideBySide(blocks: readonly string[], gap = '   '): string {
  const lines = blocks.map((block) => block.split('\n'));
  const height = Math.max(...lines.map((block) => block.length));
  const widths = lines.map((block) => Math.max(...block.map((line) => line.length)));
  return Array.from({ length: height }, (_, y) =>
    lines
      .map((block, i) => (block[y] ?? '').padEnd(widths[i] as number))
      .join(gap)
      .trimEnd(),
  ).join('\n');
}
