/** Inner values of a graph, asked for by name. */
import { complaint } from '../graph/errors';
import { reachable, type Value } from '../graph/value';

/**
 * The values that `roots` need and that bear one of `names`.
 *
 * @throws ConvoltError `OPTION` that lists the known names when one is not among them
 */
export function valuesByName(where: string, roots: readonly Value[], names: readonly string[]): Record<string, Value> {
  if (names.length === 0) return {};
  const inner = reachable(roots).flatMap((node) => node.outputs);
  return Object.fromEntries(
    names.map((name) => {
      const found = inner.find((candidate) => candidate.name === name);
      if (found) return [name, found];
      const known = inner.flatMap((candidate) => candidate.name ?? []).join(', ');
      throw complaint('OPTION', { where, what: 'the fetched name', expected: `one of ${known}`, actual: `'${name}'` });
    }),
  );
}
