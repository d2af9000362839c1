/** Parts of data along the examples. */
import { countOf, rowsOf } from '../models/evaluate';
import { type InputData, isTensor } from '../models/model';

/** Rows of one tensor, or of several by name. */
export function rowsOfData(data: InputData, start: number, size: number): InputData {
  if (isTensor(data)) return rowsOf(data, start, size);
  return Object.fromEntries(Object.entries(data).map(([name, tensor]) => [name, rowsOf(tensor, start, size)]));
}

/**
 * The examples in batches, the last one smaller.
 *
 * @throws ConvoltError `DATA` when there are none, or the parts are of unequal numbers
 */
export function* batchesOf(
  where: string,
  data: InputData,
  batch: number,
): Generator<{ rows: InputData; size: number }> {
  const count = countOf(where, data);
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start);
    yield { rows: rowsOfData(data, start, size), size };
  }
}
