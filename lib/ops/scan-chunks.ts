/** A loop over chunks of steps, whose gradient keeps the states between chunks alone (Chen et al. 2016). */
import type { Value } from '../graph/value';
import { concat } from './concat';
import { type LoopAttributes, loopInput } from './scan-body';
import { makeScan } from './scan-op';
import { reshape } from './shape';
import { slice } from './slice';

/** Parts `begin` to `begin + count` of the first axis. */
const cut = (x: Value, begin: number, count: number): Value =>
  slice(x, {
    begin: x.shape.map((_, axis) => (axis === 0 ? begin : 0)),
    size: x.shape.map((length, axis) => (axis === 0 ? count : length)),
  });

/** Whole chunks of `size` steps: the body of the outer loop is the inner loop. */
function overChunks(loop: LoopAttributes, inputs: readonly Value[], size: number): readonly Value[] {
  const { body, length } = loop;
  const count = length / size;
  const [first, last] = [body.states.length, body.states.length + body.sequences.length];
  const chunked = inputs.map((input, i) =>
    i >= first && i < last ? reshape(input, [count, size, ...input.shape.slice(1)]) : input,
  );
  const placeholders = chunked.map(({ dtype, shape }, i) =>
    loopInput({ dtype, shape: i >= first && i < last ? shape.slice(1) : shape }),
  );
  const inner = makeScan({ ...loop, length: size }, placeholders);
  const outer = {
    states: placeholders.slice(0, first),
    sequences: placeholders.slice(first, last),
    captures: placeholders.slice(last),
    next: inner.slice(0, first),
    stacked: inner.slice(first, first + body.stacked.length),
  };
  const made = makeScan({ ...loop, body: outer, length: count, recompute: true }, chunked);
  return made
    .slice(0, first + body.stacked.length)
    .map((value, i) => (i < first ? value : reshape(value, [length, ...value.shape.slice(2)])));
}

/**
 * The outputs of a loop without its trail, made in chunks of `size` steps; what is left over runs last, as a loop of
 * its own.
 */
export function makeChunkedScan(loop: LoopAttributes, inputs: readonly Value[], size: number): readonly Value[] {
  const { body, length, reverse } = loop;
  const rest = length % size;
  const [first, last] = [body.states.length, body.states.length + body.sequences.length];
  if (rest === 0) return overChunks(loop, inputs, size);
  if (length < size) return makeScan(loop, inputs).slice(0, first + body.stacked.length);
  const part = (begin: number, count: number, states: readonly Value[]): Value[] => [
    ...states,
    ...inputs.slice(first, last).map((input) => cut(input, begin, count)),
    ...inputs.slice(last),
  ];
  const whole = length - rest;
  const chunks = overChunks({ ...loop, length: whole }, part(reverse ? rest : 0, whole, inputs.slice(0, first)), size);
  const remaining = makeScan({ ...loop, length: rest }, part(reverse ? 0 : whole, rest, chunks.slice(0, first)));
  const stacked = body.stacked.map((_, k) => {
    const [early, late] = [chunks[first + k] as Value, remaining[first + k] as Value];
    return concat(reverse ? [late, early] : [early, late]);
  });
  return [...remaining.slice(0, first), ...stacked];
}
