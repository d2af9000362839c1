/** A training with everything that must survive a checkpoint: moments, running statistics, dropout, step count. */
import { cnn, data, losses, optimizers, Session, schedules } from '../../lib';

export function openRecipe(): Session {
  return new Session(cnn({ filters: [4], hidden: 8, dropout: 0.4 }), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam({ rate: schedules.exponential({ rate: 0.01, decay: 0.01 }) }),
    seed: 9,
  });
}

/** Steps `first` to `first + count`, each on its own batch of digits. */
export async function trainSteps(session: Session, first: number, count: number): Promise<void> {
  const { train } = data.digitsSplit();
  for (let i = first; i < first + count; i++) {
    const { input, target } = data.subset(
      train,
      Array.from({ length: 16 }, (_, j) => i * 16 + j),
    );
    await session.step(input, target);
  }
}
