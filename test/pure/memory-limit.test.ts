/** Programs that do not fit into memory are refused before anything is allocated. */
import { compile } from '../../lib/compiler/compile';
import { relu } from '../../lib/functions';
import { conv2d } from '../../lib/ops/conv2d';
import { sum } from '../../lib/ops/reduce';
import { feed } from '../../lib/ops/source';
import { availableMemory, expectToFit } from '../../lib/runtime/memory-limit';

const program = (filters: number) => {
  const [x, w] = [feed('x', [8, 224, 224, 3]), feed('w', [1, 1, 3, filters])];
  return compile({
    outputs: { y: sum(conv2d(relu(conv2d(x, w)), feed('v', [3, 3, filters, 8]))) },
    feeds: [x, w, feed('v', [3, 3, filters, 8])],
  });
};

test('the machine has some memory', () => {
  expect(availableMemory()).toBeGreaterThan(1e8);
});

test('a program that fits passes', () => {
  expect(() => expectToFit(program(4))).not.toThrow();
});

test('one that does not is refused with the value that is to blame', () => {
  expect(() => expectToFit(program(1_000_000))).toThrow(
    expect.objectContaining({
      code: 'SHAPE',
      message: expect.stringMatching(
        /^program: expected the temporary values of a run to be small enough for .* GB of memory but got 1\d{3}\.\d GB, the largest of them float32\[8,\s?224,\s?224,\s?1000000\] of conv2d/,
      ),
    }),
  );
});

test('the limit is what the caller says', () => {
  expect(() => expectToFit(program(4), 1000)).toThrow(expect.objectContaining({ code: 'SHAPE' }));
});
