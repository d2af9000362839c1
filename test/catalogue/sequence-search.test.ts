/** S-09: greedy and beam decoding against each other and against all sequences there are. */
import type { Tensor } from '../../lib/graph/tensor';
import { decodeForced } from '../../lib/layers/teacher-forcing';
import { beamSearch, greedy, Session } from '../../lib/models';
import { beamHypotheses } from '../../lib/models/beam-search';
import { greedySearch } from '../../lib/models/greedy';
import { type Search, type Written, write } from '../../lib/models/written';
import { constant } from '../../lib/ops/source';
import { EXACT, expectClose, F32 } from '../closeness';
import { decoders, ints, lengths, smallModel } from './sequence-pairs';

const sources = 12;
const source = ints(Array.from({ length: sources }, (_, n) => [n % 3, Math.floor(n / 3) % 3, (n * n) % 3, n % 2]));
const sourceLengths = lengths(...Array.from({ length: sources }, (_, n) => 1 + (n % 4)));
const read = { source, sourceLengths };
/** Symbols: start, end, and one more. */
const toy = { symbols: 3, features: 4, units: 5 };
const T = 3;

/** A model with drawn parameters, large ones, so that its choices are decided. */
async function opened(name: string, seed: number, size: Partial<typeof toy> = {}): Promise<Session> {
  const session = new Session(smallModel(decoders[name] as never, { ...toy, ...size }, { measuredOn: 'true' }), {
    seed,
  });
  await session.run({ ...read, target: ints(Array.from({ length: sources }, () => [0])) });
  for (const { path } of session.declarations()) {
    const { data, ...type } = session.read(path);
    session.write(path, { ...type, data: Float32Array.from(data, (x) => 3 * x) });
  }
  return session;
}

/** Every sequence of T symbols. */
const all = Array.from({ length: toy.symbols ** T }, (_, i) =>
  Array.from({ length: T }, (__, t) => Math.floor(i / toy.symbols ** t) % toy.symbols),
);

const logSoftmax = (z: readonly number[]): number[] => {
  const total = Math.log(z.map(Math.exp).reduce((a, b) => a + b));
  return z.map((x) => x - total);
};

/** Symbols up to the end, and what the rating makes of their log-probabilities. */
function rated(symbols: readonly number[], logits: Tensor, row: number, lengthPower: number) {
  const end = symbols.indexOf(1);
  const written = symbols.slice(0, end < 0 ? T : end + 1);
  const each = written.map((symbol, t) => {
    const from = (row * T + t) * toy.symbols;
    return logSoftmax([...logits.data.slice(from, from + toy.symbols)])[symbol] as number;
  });
  return { written, score: each.reduce((a, b) => a + b) / written.length ** lengthPower };
}

/** The best of all sequences for source n. */
async function exhaustive(session: Session, n: number, lengthPower: number) {
  const times = (x: Tensor, width: number): Tensor => ({
    ...x,
    shape: [all.length, ...x.shape.slice(1)],
    data: Int32Array.from({ length: all.length * width }, (_, i) => x.data[n * width + (i % width)] as number),
  });
  const given = { source: times(source, 4), sourceLengths: times(sourceLengths, 1), target: ints(all) };
  const logits = await session.run(given);
  return all
    .map((symbols, row) => rated(symbols, logits, row, lengthPower))
    .reduce((best, next) => (next.score > best.score + 1e-9 ? next : best));
}

const rowsOf = ({ symbols, lengths: counts, scores }: Written) =>
  Array.from(counts.data, (count, n) => {
    const width = symbols.shape[1] as number;
    return { written: [...symbols.data.slice(n * width, n * width + count)], score: scores.data[n] as number };
  });

describe.each(Object.keys(decoders))('%s', (name) => {
  test.each([0, 0.7, 1])('V^T beams find the best of all sequences, rated by length^%s', async (lengthPower) => {
    const session = await opened(name, 5);
    const found = rowsOf(await beamSearch(session, read, { length: T, beams: toy.symbols ** T, lengthPower }));
    for (const [n, { written, score }] of found.entries()) {
      const best = await exhaustive(session, n, lengthPower);
      expect(written).toEqual(best.written);
      expectClose({ shape: [], data: [score] }, { shape: [], data: [best.score] }, F32);
    }
    session.dispose();
  });

  test('one beam is greedy', async () => {
    const session = await opened(name, 6, { symbols: 5 });
    const search = (kind: string, how: typeof greedySearch) => write(kind, 'test', session, read, 6, how);
    const [beam, alone] = [await search('beam', beamHypotheses(1, 0)), await search('greedy', greedySearch)];
    expect(beam.symbols).toEqual(alone.symbols);
    expect(beam.lengths).toEqual(alone.lengths);
    expectClose(beam.scores, alone.scores, F32);
    if (alone.attention) expectClose(beam.attention as Tensor, alone.attention, EXACT);
    expect((await beamSearch(session, read, { length: 6, beams: 1, lengthPower: 0 })).symbols).toEqual(alone.symbols);
    session.dispose();
  });

  test('no beam is worse than greedy, and some are better', async () => {
    let better = 0;
    for (const seed of [1, 2, 3]) {
      const session = await opened(name, seed, { symbols: 5 });
      const greedily = await greedy(session, read, { length: 6 });
      for (const beams of [2, 3, 7]) {
        const { scores } = await beamSearch(session, read, { length: 6, beams, lengthPower: 0 });
        scores.data.forEach((score, n) => {
          expect(score).toBeGreaterThanOrEqual((greedily.scores.data[n] as number) - 1e-5);
          if (score > (greedily.scores.data[n] as number) + 1e-3) better++;
        });
      }
      session.dispose();
    }
    expect(better).toBeGreaterThan(0);
  });
});

test('the weights that are given back are those of the sequence that was chosen', async () => {
  const session = await opened('attention', 6, { symbols: 5 });
  const found = await beamSearch(session, read, { length: 6, beams: 4 });
  const forced: Search = (decoder, encoding, scope) => {
    const { attention } = decodeForced(decoder.open(encoding, scope), decoder.start, constant(found.symbols));
    return {
      symbols: constant(found.symbols),
      lengths: constant(found.lengths),
      scores: constant(found.scores),
      attention,
    };
  };
  const { attention } = await write('forced', 'test', session, read, 6, forced);
  const alone = await greedy(session, read, { length: 6 });
  expectClose(found.attention as Tensor, attention as Tensor, F32);
  expect(found.symbols).not.toEqual(alone.symbols);
  session.dispose();
});

test('after the end symbol nothing else is written', async () => {
  const session = await opened('feedback', 3, { symbols: 5 });
  for (const written of [
    await greedy(session, read, { length: 8 }),
    await beamSearch(session, read, { length: 8, beams: 3 }),
  ]) {
    rowsOf(written).forEach(({ written: symbols }, n) => {
      const row = [...written.symbols.data.slice(8 * n, 8 * n + 8)];
      const end = row.indexOf(1);
      expect(symbols.length).toBe(end < 0 ? 8 : end + 1);
      if (end >= 0) expect(row.slice(end).every((symbol) => symbol === 1)).toBe(true);
    });
    expect(Math.min(...written.lengths.data)).toBeLessThan(8);
  }
  session.dispose();
});
