/** The nearest name for one that does not exist. */
import { editDistance } from './edit-distance';

/** `; did you mean 'adam'?` for a name that is not far from one of `names`, else nothing. */
export function suggestion(name: string, names: readonly string[]): string {
  const distance = (other: string) => editDistance(name.toLowerCase(), other.toLowerCase());
  const [nearest] = names.toSorted((a, b) => distance(a) - distance(b));
  return nearest !== undefined && distance(nearest) <= Math.max(2, nearest.length / 2)
    ? `; did you mean '${nearest}'?`
    : '';
}
