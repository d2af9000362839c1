/** The history of a training as a table of comma-separated values. */
import { expect } from '../graph/errors';
import type { CurvePoint } from './curves';

/**
 * One line per epoch: `epoch`, then `training.<measure>` and `validation.<measure>` of every measure; empty where an epoch
 * lacks one.
 *
 * @throws ConvoltError `DATA` without any epoch
 * @example await writeFile('history.csv', historyCsv(history.epochs));
 */
export function historyCsv(points: readonly CurvePoint[]): string {
  expect(points.length > 0, 'DATA', () => ({
    where: 'historyCsv',
    what: 'the number of epochs',
    expected: 'above 0',
    actual: '0',
  }));
  const columns = (['training', 'validation'] as const).flatMap((part) =>
    [...new Set(points.flatMap((point) => Object.keys(point[part] ?? {})))].map((measure) => ({ part, measure })),
  );
  const header = ['epoch', ...columns.map(({ part, measure }) => `${part}.${measure}`)];
  const rows = points.map((point) => [
    point.epoch,
    ...columns.map(({ part, measure }) => point[part]?.[measure] ?? ''),
  ]);
  return `${[header, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
}
