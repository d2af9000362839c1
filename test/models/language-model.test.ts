/** A language model learns as PyTorch's does: from the same weights, by the same windows, to the same losses. */
import { golden } from '../golden/golden';
import { type LanguageModelRun, trainLanguageModel } from '../golden/language-model';

interface Learning {
  readonly name: string;
  readonly options: LanguageModelRun;
  readonly losses: readonly number[];
}

const { oracle, cases } = golden('language-model') as unknown as { oracle: string; cases: readonly Learning[] };

test.each(cases.map((learning): [string, Learning] => [learning.name, learning]))(
  `the losses of ${oracle}: %s`,
  async (_, { options, losses }) => {
    const found = await trainLanguageModel(options);
    expect(found).toHaveLength(losses.length);
    for (const [step, loss] of found.entries()) {
      expect(Math.abs(loss / (losses[step] as number) - 1)).toBeLessThan(1e-4);
    }
    expect(Math.min(...losses)).toBeLessThan(0.65 * (losses[0] as number)); // it does learn
  },
);
