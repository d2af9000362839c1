/** Learning curves: well-formed, with the right panels, curves, ticks and marks. */
import { type CurvePoint, learningCurves } from '../../lib/io';
import { refusal } from './refusal';

const points: CurvePoint[] = [0.9, 0.5, 0.3, 0.25, 0.2].map((loss, i) => ({
  epoch: i + 1,
  training: { loss, accuracy: 1 - loss / 3 },
  validation: { loss: loss + 0.1, accuracy: 0.9 - loss / 3 },
  best: i < 4,
}));

const countOf = (svg: string, part: string | RegExp): number => svg.split(part).length - 1;

/** Throws unless every tag is closed in turn and attributes are quoted; gives the texts. */
function textsOf(svg: string): string[] {
  const open: string[] = [];
  const rest = svg.replace(/<(\/?)(\w+)((?: [\w-:]+="[^"<]*")*)(\/?)>/g, (_, closing, name, __, empty) => {
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
    return '\n';
  });
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  return rest.split('\n').filter((text) => text.trim());
}

test('a panel per measure, two curves each, the last best epoch marked', () => {
  const svg = learningCurves(points);
  const texts = textsOf(svg);
  expect(texts.filter((text) => ['loss', 'accuracy', 'training', 'validation', 'epoch'].includes(text))).toEqual([
    'loss',
    'training',
    'validation',
    'epoch',
    'accuracy',
    'training',
    'validation',
    'epoch',
  ]);
  expect(countOf(svg, '<path')).toBe(4);
  expect(countOf(svg, '<circle')).toBe(2);
  expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" width="880"')).toBe(true);
  expect(texts).toEqual(expect.arrayContaining(['1', '2', '3', '4', '5', '0.2', '0.4', '1.0']));
});

test('without validation there is one curve', () => {
  const svg = learningCurves(points.map(({ epoch, training }) => ({ epoch, training })));
  expect(countOf(svg, '<path')).toBe(2);
  expect(textsOf(svg)).not.toContain('validation');
});

test('one epoch is a dot; equal and absent values need no range', () => {
  expect(countOf(learningCurves(points.slice(0, 1)), '<circle')).toBe(4);
  const flat = learningCurves([1, 2].map((epoch) => ({ epoch, training: { loss: 0 } })));
  expect(flat).not.toMatch(/NaN|Infinity/);
  textsOf(flat);
});

test('values that are not finite interrupt the curve', () => {
  const losses = [3, Number.NaN, 2, 1, Number.POSITIVE_INFINITY];
  const svg = learningCurves(losses.map((loss, i) => ({ epoch: i + 1, training: { loss } })));
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(/ d="(M[^M]*)(M[^M]*)"/.exec(svg)).not.toBeNull();
});

test('epochs beyond ten have round ticks', () => {
  const svg = learningCurves(Array.from({ length: 40 }, (_, i) => ({ epoch: i + 1, training: { loss: 1 / (i + 1) } })));
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['1', '5', '10', '40']));
});

test('names of measures are escaped', () => {
  expect(textsOf(learningCurves([{ epoch: 1, training: { 'a<b & "c"': 1 } }]))).toContain('a&#60;b &#38; &#34;c&#34;');
});

test('no epoch is refused', () => {
  expect(() => learningCurves([])).toThrow(refusal('DATA', 'the number of epochs'));
});
