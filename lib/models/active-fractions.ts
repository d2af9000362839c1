/** How many units answer: the share of activations that are not 0. */
import { complaint } from '../graph/errors';
import type { InputData } from './model';
import { observe, type Pick } from './observe';
import type { Session } from './session';

/**
 * The share of activations that are not 0 at every `activityPenalty` of the model, by path.
 *
 * @throws ConvoltError `STATE` when the model has none
 * @example const { activityPenalty } = await activeFractions(session, validation.input);
 */
export async function activeFractions(session: Session, input: InputData): Promise<Readonly<Record<string, number>>> {
  const totals = new Map<string, number>();
  let count = 0;
  const pick: Pick = ({ observed }) => {
    const active = [...observed].filter(([path]) => path.endsWith('.active'));
    if (active.length > 0) return Object.fromEntries(active);
    throw complaint('STATE', {
      where: 'activeFractions',
      what: 'the model',
      expected: "one with the layer 'activityPenalty'",
      actual: 'one without',
    });
  };
  for await (const { size, values } of observe('activeFractions', session, input, pick)) {
    count += size;
    for (const [path, { data }] of Object.entries(values)) {
      totals.set(path, (totals.get(path) ?? 0) + size * (data[0] as number));
    }
  }
  return Object.fromEntries([...totals].map(([path, total]) => [path.replace(/\.active$/, ''), total / count]));
}
