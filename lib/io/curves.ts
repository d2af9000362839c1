/** Learning curves as a standalone SVG picture: one panel per measure, training beside validation. */
import { expect } from '../graph/errors';

/** What a picture needs of an epoch; `EpochReport` has it. */
export interface CurvePoint {
  readonly epoch: number;
  readonly training: Readonly<Record<string, number>>;
  readonly validation?: Readonly<Record<string, number>>;
  /** Marked by a dot on the validation curve; the last one that is true counts. */
  readonly best?: boolean;
}

interface Series {
  readonly name: 'training' | 'validation';
  readonly points: readonly (readonly [epoch: number, value: number])[];
}

/** Maps numbers to pixels. */
interface Axis {
  readonly ticks: readonly number[];
  readonly position: (value: number) => number;
}

const panel = { width: 440, height: 320, left: 62, right: 20, top: 52, bottom: 52 };
const plot = { width: panel.width - panel.left - panel.right, height: panel.height - panel.top - panel.bottom };
const colors = { training: '#3b6fd4', validation: '#e8743b', ink: '#24292f', faint: '#6e7781', grid: '#e6e8eb' };
const seriesNames = ['training', 'validation'] as const;

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Coordinates with a tenth of a pixel. */
const px = (value: number): string => String(Math.round(value * 10) / 10);

/** 1, 2 or 5 times a power of ten: the smallest such step that cuts `span` into at most `count` parts. */
function niceStep(span: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(span / count));
  return ([1, 2, 5, 10].find((factor) => (factor * power * count) / span >= 1 - 1e-9) ?? 10) * power;
}

/** Multiples of `step` from `first` to `last`. */
const multiples = (first: number, last: number, step: number): number[] =>
  Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step);

/** Whole epochs, the first one labelled. */
function epochAxis(epochs: readonly number[]): Axis {
  const [low, high] = [Math.min(...epochs), Math.max(...epochs)];
  const step = Math.max(1, niceStep(Math.max(1, high - low), 8));
  const first = Math.ceil(low / step) * step;
  const ticks = first <= high ? multiples(first, Math.floor(high / step) * step, step) : [];
  const position = (epoch: number) => panel.left + (high === low ? 0.5 : (epoch - low) / (high - low)) * plot.width;
  return {
    ticks: ticks.includes(low) || step === 1 ? ticks : [low, ...ticks.filter((tick) => tick - low > step / 2)],
    position,
  };
}

/** From the tick below the least to the tick above the greatest value. */
function valueAxis(values: readonly number[]): Axis {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const step = niceStep(high - low || Math.abs(high) || 1, 5);
  const first = Math.floor(low / step + 1e-9) * step;
  const last = Math.max(Math.ceil(high / step - 1e-9) * step, first + step);
  const position = (value: number) => panel.top + (1 - (value - first) / (last - first)) * plot.height;
  return { ticks: multiples(first, last, step), position };
}

/** A tick's label with the digits that tell neighbours apart. */
function label(value: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  const isWide = Math.abs(value) >= 1e5 || step < 1e-4;
  return isWide ? value.toExponential(1) : value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${px(x)}" y="${px(y)}" ${attributes}>${escapeXml(content)}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number, color: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${color}"/>`;

/** Grid lines with the labels of both axes. */
function drawAxes(x: Axis, y: Axis): string[] {
  const [right, bottom] = [panel.left + plot.width, panel.top + plot.height];
  const faint = `fill="${colors.faint}" font-size="11"`;
  return [
    ...y.ticks.flatMap((tick) => [
      line(panel.left, y.position(tick), right, y.position(tick), colors.grid),
      text(panel.left - 8, y.position(tick) + 4, label(tick, y.ticks), `${faint} text-anchor="end"`),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(x.position(tick), bottom, x.position(tick), bottom + 5, colors.faint),
      text(x.position(tick), bottom + 19, String(tick), `${faint} text-anchor="middle"`),
    ]),
    line(panel.left, bottom, right, bottom, colors.faint),
    text(panel.left + plot.width / 2, bottom + 40, 'epoch', `fill="${colors.ink}" font-size="12" text-anchor="middle"`),
  ];
}

/** The curve, interrupted where a value is not finite; a single epoch is a dot. */
function drawSeries({ name, points }: Series, x: Axis, y: Axis): string[] {
  const isFirst = (i: number) => i === 0 || !Number.isFinite(points[i - 1]?.[1]);
  const path = points.flatMap(([epoch, value], i) =>
    Number.isFinite(value) ? `${isFirst(i) ? 'M' : 'L'}${px(x.position(epoch))},${px(y.position(value))}` : [],
  );
  const curve = `<path d="${path.join('')}" fill="none" stroke="${colors[name]}" stroke-width="2" stroke-linejoin="round"/>`;
  const [only] = points;
  return points.length === 1 && path.length && only ? [drawDot(only, colors[name], x, y)] : [curve];
}

const drawDot = ([epoch, value]: readonly [number, number], color: string, x: Axis, y: Axis): string =>
  `<circle cx="${px(x.position(epoch))}" cy="${px(y.position(value))}" r="4" fill="${color}" stroke="#fff" stroke-width="1.5"/>`;

/** Names beside short strokes, in the upper right corner above the plot. */
function drawLegend(series: readonly Series[]): string[] {
  const width = 88;
  return series.flatMap(({ name }, i) => {
    const x = panel.width - panel.right - width * (series.length - i) + 10;
    const stroke = `<rect x="${x}" y="28.5" width="16" height="3" rx="1.5" fill="${colors[name]}"/>`;
    return [stroke, text(x + 21, 34, name, `fill="${colors.ink}" font-size="12"`)];
  });
}

function drawPanel(measure: string, points: readonly CurvePoint[], offset: number): string {
  const series = seriesNames.flatMap((name): Series[] => {
    const given = points.flatMap(({ epoch, [name]: means }) => {
      const value = means?.[measure];
      return value === undefined ? [] : [[epoch, value] as const];
    });
    return given.length ? [{ name, points: given }] : [];
  });
  const x = epochAxis(points.map(({ epoch }) => epoch));
  const y = valueAxis(series.flatMap((one) => one.points.map(([, value]) => value)).filter(Number.isFinite));
  const best = points.findLast((point) => point.best);
  const validated = series.find(({ name }) => name === 'validation')?.points ?? [];
  const marked = validated.filter(([epoch, value]) => epoch === best?.epoch && Number.isFinite(value));
  return [
    `<g transform="translate(${offset},0)">`,
    text(panel.left, 34, measure, `fill="${colors.ink}" font-size="15" font-weight="600"`),
    ...drawLegend(series),
    ...drawAxes(x, y),
    ...series.flatMap((one) => drawSeries(one, x, y)),
    ...(validated.length > 1 ? marked : []).map((point) => drawDot(point, colors.validation, x, y)),
    '</g>',
  ].join('\n');
}

/**
 * Draws the learning curves of a training: for every measure (`loss`, then the metrics) a panel over the epochs.
 *
 * @returns an SVG document
 * @throws ConvoltError `DATA` without any epoch
 * @example await writeFile('curves.svg', learningCurves(history.epochs));
 */
export function learningCurves(points: readonly CurvePoint[]): string {
  expect(points.length > 0, 'DATA', () => ({
    where: 'learningCurves',
    what: 'the number of epochs',
    expected: 'above 0',
    actual: '0',
  }));
  const measures = [
    ...new Set(points.flatMap(({ training, validation }) => Object.keys({ ...training, ...validation }))),
  ];
  const width = panel.width * measures.length;
  const font = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${panel.height}" viewBox="0 0 ${width} ${panel.height}" ${font}>`,
    `<rect width="${width}" height="${panel.height}" fill="#fff"/>`,
    ...measures.map((measure, i) => drawPanel(measure, points, i * panel.width)),
    '</svg>\n',
  ].join('\n');
}
