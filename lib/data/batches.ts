/** An order cut into batches. */
import { expect, expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';

export interface BatchOptions {
  /** Drop the last batch when it is smaller than the others. Default false. */
  readonly dropLast?: boolean;
}

/**
 * The row numbers of each batch, in turn; they share the memory of `order`.
 *
 * @param order row numbers, e.g. of `epochOrder`
 * @param batchSize rows per batch
 * @throws ConvoltError `VALUE` for a batch size below 1, `DATA` for one above the number of rows
 * @example for (const rows of batches(epochOrder(train.size, seed, epoch), 64)) { ... }
 */
export function batches(order: Int32Array, batchSize: number, options: BatchOptions = {}): Int32Array[] {
  expectOptions('batches', options, ['dropLast']);
  expectWhole('batches', 'the batch size', batchSize, 1);
  expect(batchSize <= order.length, 'DATA', () => ({
    where: 'batches',
    what: 'the batch size',
    expected: `at most ${order.length}, the number of examples`,
    actual: String(batchSize),
  }));
  const count = options.dropLast ? Math.floor(order.length / batchSize) : Math.ceil(order.length / batchSize);
  return Array.from({ length: count }, (_, i) => order.subarray(i * batchSize, (i + 1) * batchSize));
}
