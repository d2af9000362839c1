/** Generation: natively fed back tokens are those that a loop of single steps gives; draws are keyed. */
import {
  data,
  functions,
  generate,
  generateText,
  type Scope,
  Session,
  type StreamingModel,
  type Tensor,
  tensor,
  type Value,
} from '../../lib';
import { constant } from '../../lib/ops/source';
import { refusal } from '../io/refusal';
import { runNative } from '../native-run';
import { languageModel, lstmLayer } from './recurrent';

const text = 'the whale, the white whale';
const vocabulary = data.characters(text);
const session = new Session(languageModel(vocabulary.size, 6, 12), { seed: 5 });
let model: StreamingModel;

beforeAll(async () => {
  await session.run(tensor(Int32Array.of(0), [1, 1]));
  model = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
});
afterAll(() => {
  model.dispose();
  session.dispose();
});

const prompt = vocabulary.encode('the w');

async function drawn(options: Parameters<typeof generate>[2], from = prompt): Promise<number[]> {
  const stream = await model.stream();
  const all: number[] = [];
  for await (const tokens of generate(stream, from, options)) all.push(...tokens);
  stream.dispose();
  return all;
}

test('the likeliest tokens are those of a loop', async () => {
  const stream = await model.stream();
  const expected: number[] = [];
  let logits = (await stream.run(prompt)) as Tensor;
  for (let i = 0; i < 20; i++) {
    const scores = [...logits.data.slice(-vocabulary.size)];
    const token = scores.indexOf(Math.max(...scores));
    expected.push(token);
    logits = (await stream.step(Int32Array.of(token))) as Tensor;
  }
  expect(await drawn({ length: 20, temperature: 0 })).toEqual(expected);
  expect(await drawn({ length: 20, temperature: 0, chunk: 3 })).toEqual(expected);
});

test('one seed gives one text, whatever the chunk; another one another', async () => {
  const some = await drawn({ length: 40, seed: 3 });
  expect(await drawn({ length: 40, seed: 3, chunk: 7 })).toEqual(some);
  expect(await drawn({ length: 40, seed: 4 })).not.toEqual(some);
  expect(new Set(some).size).toBeGreaterThan(4);
});

test('temperature and top-k narrow the choice', async () => {
  const likeliest = await drawn({ length: 30, temperature: 0 });
  expect(await drawn({ length: 30, topK: 1 })).toEqual(likeliest);
  expect(await drawn({ length: 30, temperature: 1e-4 })).toEqual(likeliest);
});

test('generators of one model take turns', async () => {
  const alone = [await drawn({ length: 30, seed: 1 }), await drawn({ length: 30, seed: 2 })];
  const together = await Promise.all([
    drawn({ length: 30, seed: 1, chunk: 4 }),
    drawn({ length: 30, seed: 2, chunk: 5 }),
  ]);
  expect(together).toEqual(alone);
});

test('a stream goes on from the last token drawn', async () => {
  const stream = await model.stream();
  const parts: number[] = [];
  for await (const tokens of generate(stream, prompt, { length: 8, temperature: 0 })) parts.push(...tokens);
  const last = Int32Array.of(parts.at(-1) as number);
  for await (const tokens of generate(stream, last, { length: 8, temperature: 0 })) parts.push(...tokens);
  expect(parts).toEqual(await drawn({ length: 16, temperature: 0 }));
});

test('text comes in chunks', async () => {
  const chunks: string[] = [];
  for await (const part of generateText(model, vocabulary, { prompt: 'whale', length: 10, chunk: 4 }))
    chunks.push(part);
  expect(chunks.map((part) => part.length)).toEqual([4, 4, 2]);
  for await (const part of generateText(model, vocabulary, { prompt: 'whale', length: 10 })) {
    expect(part).toBe(chunks.join(''));
  }
});

test('samples have the probabilities of the scores', async () => {
  const n = 20000;
  const scores = [0, 1, 2, -1];
  const logits = constant(
    tensor(
      Array.from({ length: 4 * n }, (_, i) => scores[i % 4] as number),
      [n, 4],
    ),
  );
  const key = constant(tensor(Int32Array.of(1, 2)));
  const shares = async (options: functions.SampleOptions): Promise<number[]> => {
    const [picked] = await runNative([functions.sample(key, logits, options)], {});
    const counts = [0, 0, 0, 0];
    for (const k of (picked as Tensor).data) counts[k] = (counts[k] as number) + 1 / n;
    return counts;
  };
  const softmax = (x: readonly number[]) => {
    const e = x.map(Math.exp);
    return e.map((value) => value / e.reduce((a, b) => a + b));
  };
  const near = (a: number[], b: number[]) => {
    for (const [i, share] of a.entries()) expect(Math.abs(share - (b[i] as number))).toBeLessThan(0.015);
  };
  near(await shares({}), softmax(scores));
  near(await shares({ temperature: 0.5 }), softmax(scores.map((score) => 2 * score)));
  near(await shares({ topK: 2 }), [0, ...softmax([1, 2]), 0]);
});

describe('refusals', () => {
  const first = async (options: object, from = prompt) => drawn({ length: 3, ...options } as never, from);

  test('options out of their range', async () => {
    await expect(first({ length: 0 })).rejects.toThrow(refusal('VALUE', 'the length'));
    await expect(first({ chunk: 0 })).rejects.toThrow(refusal('VALUE', 'the chunk'));
    await expect(first({ temperature: -1 })).rejects.toThrow(refusal('VALUE', 'the temperature', '-1'));
    await expect(first({ topK: 0 })).rejects.toThrow(refusal('VALUE', 'topK'));
    await expect(first({ topK: 99 })).rejects.toThrow(refusal('VALUE', 'topK', '99'));
    await expect(first({ seed: -1 })).rejects.toThrow(refusal('VALUE', 'the seed'));
    await expect(first({ top: 1 })).rejects.toThrow(refusal('OPTION', "'top'"));
  });

  test('prompts that are empty or unknown', async () => {
    await expect(first({}, new Int32Array(0))).rejects.toThrow(refusal('DATA', 'the prompt'));
    await expect(first({}, Int32Array.of(0, 99, 1))).rejects.toThrow(refusal('VALUE', '99'));
    await expect(first({}, Int32Array.of(99))).rejects.toThrow(refusal('VALUE', '99'));
    const unknown = generateText(model, vocabulary, { prompt: 'XYZ', length: 1 });
    await expect(unknown.next()).rejects.toThrow(refusal('VALUE', '"X"'));
  });

  test('models of another kind', async () => {
    const frames = new Session(lstmLayer(3));
    const signals = await frames.compileForStreaming({ dtype: 'float32', shape: [1, 1, 3] });
    await expect(generate(await signals.stream(), prompt, { length: 1 }).next()).rejects.toThrow(
      refusal('SHAPE', "the stream's input", 'float32[1, 1, 3]'),
    );
    await expect(generate(await model.stream({ batch: 2 }), prompt, { length: 1 }).next()).rejects.toThrow(
      refusal('SHAPE', "the stream's input", 'int32[2, 1]'),
    );
    const both = new Session((x: Value, scope: Scope) => ({ a: languageModel(4, 2, 3)(x, scope), b: x }));
    const twofold = await both.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
    await expect(generate(await twofold.stream(), Int32Array.of(1), { length: 1 }).next()).rejects.toThrow(
      refusal('SHAPE', "the model's output", 'float32[1, 1, 4], int32[1, 1]'),
    );
    twofold.dispose();
    both.dispose();
    signals.dispose();
    frames.dispose();
  });
});
