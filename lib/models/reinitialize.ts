/** Other first numbers for the weights of a model that is already built. */
import { expect } from '../graph/errors';
import { hostSplitKey, keyOfSeed } from '../graph/philox';
import type { Initializer } from '../graph/scope';
import { tensor } from '../graph/tensor';
import { constant } from '../ops/source';
import { matches, type PathMatch } from '../optimizers/path-match';
import { compute } from './compute';
import type { Session } from './session';

/**
 * Draws the parameters that match anew, by one initializer for all; the seed of the session fixes the draws.
 *
 * @param session one that has been traced, e.g. by `run`
 * @param match which parameters; default all of two axes or more whose path ends in `weight`
 * @throws ConvoltError `STATE` when nothing matches
 * @example
 * await session.run(example);
 * await reinitialize(session, initializers.xavierNormal());
 */
export async function reinitialize(session: Session, initializer: Initializer, match?: PathMatch): Promise<void> {
  const isMeant = ({ path, role, shape }: ReturnType<Session['declarations']>[number]): boolean =>
    role === 'parameter' && (match ? matches(match, path) : shape.length >= 2 && path.endsWith('weight'));
  const meant = session.declarations().filter(isMeant);
  expect(meant.length > 0, 'STATE', () => ({
    where: 'reinitialize',
    what: 'the session',
    expected: 'traced, with parameters that match',
    actual: 'one without',
  }));
  const seed = keyOfSeed(session.executor.seed);
  const values = meant.map(({ shape }, i) =>
    initializer(shape, constant(tensor(Int32Array.from(hostSplitKey(seed, i + 1))))),
  );
  const numbers = await compute(values);
  for (const [i, { path }] of meant.entries()) session.write(path, numbers[i] as (typeof numbers)[number]);
}
