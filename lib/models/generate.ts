/** Generation: every token that a model draws is what it is given next, natively, many tokens per call. */
import type { Vocabulary } from '../data/characters';
import { expectNumber } from '../functions/option-values';
import { sample } from '../functions/sample';
import { expect, expectOptions } from '../graph/errors';
import { keyOfSeed } from '../graph/philox';
import { sameShape, showType, sizeOf, type Tensor, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { expectWhole } from '../graph/whole';
import { argmax } from '../ops/argmax';
import { splitKey } from '../ops/random';
import { reshape } from '../ops/shape';
import type { Program } from '../runtime/program';
import type { Stream } from './stream';
import type { StreamLane } from './stream-lane';
import type { StreamingModel } from './streaming-model';

export interface GenerateOptions {
  /** Tokens to be drawn. */
  readonly length: number;
  /** Logits are divided by it; 0 takes the likeliest token each time. Default 1. */
  readonly temperature?: number;
  /** Only so many of the likeliest tokens are drawn from. Default all. */
  readonly topK?: number;
  /** Equal seeds draw equal tokens. Default 0. */
  readonly seed?: number;
  /** Tokens per native call, which come together. Default 32. */
  readonly chunk?: number;
}

/** What the generating program goes on from, beside what the model carries. */
interface Generator {
  readonly program: Program;
  readonly token: Value;
  readonly key: Value;
  readonly temperature: Value;
}

/** The scores of the next token [1, K]: the model's one output. */
function scoresOf(outputs: Readonly<Record<string, Value>>): Value {
  const [[, logits], ...others] = Object.entries(outputs) as [[string, Value]];
  const classes = logits.shape.at(-1) as number;
  const isFit = others.length === 0 && logits.dtype === 'float32' && sizeOf(logits.shape) === classes;
  expect(isFit, 'SHAPE', () => ({
    where: 'generate',
    what: "the model's output",
    expected: 'float32[1, 1, K], the scores of the next token',
    actual: Object.values(outputs).map(showType).join(', '),
  }));
  return reshape(logits, [1, classes]);
}

function generatorOf(lane: StreamLane, options: GenerateOptions): Generator {
  const { temperature: degree, topK } = options;
  const token = lane.slot('generate:token', { dtype: 'int32', shape: [1, 1] });
  const key = lane.slot('generate:key', { dtype: 'int32', shape: [2] });
  const temperature = lane.slot('generate:temperature', { dtype: 'float32', shape: [] });
  const program = lane.program(`generate ${degree === 0 ? 'likeliest' : (topK ?? 'all')}`, () => {
    const { feeds, outputs, updates } = lane.call(new Map([['input', token]]));
    const scores = scoresOf(outputs);
    const next = degree === 0 ? argmax(scores) : sample(splitKey(key, 1), scores, { temperature, topK });
    const more = [
      { state: token, next: reshape(next, [1, 1]) },
      { state: key, next: splitKey(key, 0) },
    ];
    return { feeds, outputs: { token: next }, updates: [...updates, ...more] };
  });
  return { program, token, key, temperature };
}

function expectTokens(stream: Stream): void {
  const types = Object.entries(stream.model.typesFor(stream.batch));
  const [[name, { dtype, shape }]] = types as [(typeof types)[number]];
  const isFit = types.length === 1 && name === 'input' && dtype === 'int32' && sameShape(shape, [1, 1]);
  expect(isFit, 'SHAPE', () => ({
    where: 'generate',
    what: "the stream's input",
    expected: 'int32[1, 1], one token',
    actual: types.map(([, type]) => showType(type)).join(', '),
  }));
}

/**
 * Draws tokens, each of which follows those before it. The stream is given the prompt first; afterwards it remembers
 * all but the last token drawn, with which the next prompt may begin.
 *
 * @param stream of one sequence, of a model that turns a token int32 [N, 1] into scores float32 [N, 1, K]
 * @param prompt one token at least
 * @returns the tokens drawn, `options.chunk` at a time
 * @throws ConvoltError `SHAPE` for a model of another kind; `DATA` for an empty prompt; `VALUE` for a token or an
 *   option out of its range
 * @example
 * for await (const tokens of generate(stream, prompt, { length: 500, temperature: 0.8 })) show(tokens);
 */
export async function* generate(
  stream: Stream,
  prompt: Int32Array,
  options: GenerateOptions,
): AsyncGenerator<Int32Array, void> {
  expectOptions('generate', options, ['length', 'temperature', 'topK', 'seed', 'chunk']);
  const { length, temperature = 1, seed = 0, chunk = 32 } = options;
  expectWhole('generate', 'the length', length, 1);
  expectWhole('generate', 'the chunk', chunk, 1);
  expectNumber('generate', 'the temperature', temperature, { least: 0 });
  expect(prompt.length > 0, 'DATA', () => ({
    where: 'generate',
    what: 'the prompt',
    expected: 'one token at least',
    actual: 'none',
  }));
  expectTokens(stream);
  const generator = generatorOf(stream.lane, options);
  if (prompt.length > 1) await stream.run(prompt.subarray(0, -1));
  let last = prompt.subarray(-1);
  let key = keyOfSeed(seed);
  for (let drawn = 0; drawn < length; drawn += last.length) {
    const count = Math.min(chunk, length - drawn);
    const tokens = await stream.inTurn('generate', async () => {
      const { lane } = stream;
      lane.write(generator.token, tensor(last.slice(-1), [1, 1]));
      lane.write(generator.key, tensor(key));
      lane.write(generator.temperature, tensor(temperature, []));
      const { outputs } = await generator.program.run({}, count);
      key = lane.read(generator.key).data as Int32Array;
      return (outputs.token as Tensor).data as Int32Array;
    });
    last = tokens;
    yield tokens;
  }
}

export interface GenerateTextOptions extends GenerateOptions {
  /** The text to go on from. Default: a line break. */
  readonly prompt?: string;
}

/**
 * Text that a model of characters draws, as it comes; the prompt is not part of it.
 *
 * @throws ConvoltError as `generate`, and `VALUE` for a prompt with characters that `vocabulary` lacks
 * @example
 * for await (const text of generateText(model, vocabulary, { prompt: 'Call me ', length: 500 })) {
 *   process.stdout.write(text);
 * }
 */
export async function* generateText(
  model: StreamingModel,
  vocabulary: Vocabulary,
  options: GenerateTextOptions,
): AsyncGenerator<string, void> {
  const { prompt = '\n', ...others } = options;
  const tokens = vocabulary.encode(prompt);
  const stream = await model.stream();
  try {
    for await (const drawn of generate(stream, tokens, others)) yield vocabulary.decode(drawn);
  } finally {
    stream.dispose();
  }
}
