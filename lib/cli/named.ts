/** Things that the command line offers by name, and the nearest name for one that it does not. */
import { complaint } from '../graph/errors';
import { editDistance } from '../metrics';

/** The entry of `table` under `name`. */
export function named<T>(option: string, table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw complaint('OPTION', {
    where: 'train',
    what: `--${option}`,
    expected: `one of ${Object.keys(table).join(', ')}`,
    actual: `'${name}'${suggestion(name, Object.keys(table))}`,
  });
}

/** `; did you mean 'adam'?` for a name that is not far from one of `names`. */
export function suggestion(name: string, names: readonly string[]): string {
  const distance = (other: string) => editDistance(name.toLowerCase(), other.toLowerCase());
  const [nearest] = names.toSorted((a, b) => distance(a) - distance(b));
  return nearest !== undefined && distance(nearest) <= Math.max(2, nearest.length / 2)
    ? `; did you mean '${nearest}'?`
    : '';
}
