/** Trains a small network for a few steps and prints its losses as JSON: run by isa.test.ts once per instruction set. */
import { cnn, data, info, losses, optimizers, Session } from '../../lib';

async function main(): Promise<void> {
  const session = new Session(cnn({ filters: [4, 8], hidden: 16, dropout: 0.25 }), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam({ rate: 0.02 }),
    seed: 2,
  });
  const { train } = data.digitsSplit();
  const steps: number[] = [];
  for (let i = 0; i < 24; i++) {
    const { input, target } = data.subset(
      train,
      Array.from({ length: 32 }, (_, j) => i * 32 + j),
    );
    steps.push((await session.step(input, target)).loss);
  }
  console.log(JSON.stringify({ isa: info().isa, losses: steps }));
}

main().catch(({ code, message }) => {
  console.log(JSON.stringify({ code, message }));
});
