/** Latency of a streaming language model: one token awaited, many tokens in one native call, and drawn tokens. */
import { generate, Session } from '../lib';
import { languageModel } from './step';
import { measure, print, summarize, type Timing } from './timing';

const tokensPerCall = 200;

/** Two LSTM layers of 256 units, 96 characters, one sequence. */
export async function benchStream(threads: number, json: boolean): Promise<void> {
  const session = new Session(languageModel());
  const model = await session.compileForStreaming({ dtype: 'int32', shape: [1, 1] });
  session.dispose();
  const stream = await model.stream();
  const token = Int32Array.of(5);
  const tokens = Int32Array.from({ length: tokensPerCall }, (_, i) => i % 96);
  const show = (name: string, calls: number, times: readonly number[]) => {
    const timing: Timing = summarize(
      `stream-${name}`,
      threads,
      times.map((time) => time / calls),
    );
    print(timing, json, { microseconds: Number((1000 * timing.median_ms).toFixed(1)) });
  };
  const awaited = async () => {
    for (let i = 0; i < tokensPerCall; i++) await stream.step(token);
    return undefined;
  };
  const native = async () => {
    await stream.run(tokens);
    return undefined;
  };
  const drawn = async () => {
    for await (const _ of generate(stream, token, { length: tokensPerCall, chunk: tokensPerCall, topK: 40 }));
    return undefined;
  };
  for (const [name, body] of Object.entries({ awaited, native, drawn })) {
    show(name, tokensPerCall, await measure(body, 3));
  }
  model.dispose();
}
