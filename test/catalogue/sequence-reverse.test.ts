/** S-02 to S-05: the four decoders learn to reverse 6 symbols of 8, natively, with the recipe of the reference runs. */
import { sequenceCrossEntropy } from '../../lib/losses';
import { sequenceAccuracy, symbolAccuracy } from '../../lib/metrics';
import { evaluate, fit, Session } from '../../lib/models';
import { adam, chain, clipByGlobalNorm } from '../../lib/optimizers';
import { decoders, reversed, smallModel } from './sequence-pairs';

/** The least share of right symbols and of whole sequences; PyTorch's: 0.955, 0.928, 0.952, and 0.966 with 0.930. */
const least = { simple: [0.85, 0], feedback: [0.85, 0], peek: [0.85, 0], attention: [0.9, 0.8] } as const;

test.each(Object.entries(least))('%s: 800 batches of 64', async (name, [symbol, whole]) => {
  const session = new Session(smallModel(decoders[name] as never), {
    loss: sequenceCrossEntropy(),
    metrics: { symbol: symbolAccuracy(), whole: sequenceAccuracy() },
    optimizer: chain(clipByGlobalNorm(1), adam({ rate: 0.01 })),
    seed: 1,
  });
  await fit(session, reversed(800 * 64, 1), { epochs: 1, batchSize: 64 });
  const right = await evaluate(session, reversed(1024, 2));
  expect(right.symbol).toBeGreaterThanOrEqual(symbol);
  expect(right.whole).toBeGreaterThanOrEqual(whole);
  session.dispose();
});
