/** Choosing parameters by their paths. */

/**
 * Which parameters are meant: a regular expression that is found in the path, a path or the beginning of one
 * (`'head'` means `head.weight`, `head.bias`, ...), or a function of the path.
 */
export type PathMatch = RegExp | string | ((path: string) => boolean);

export function matches(match: PathMatch, path: string): boolean {
  if (typeof match === 'function') return match(path);
  if (typeof match === 'string') return path === match || path.startsWith(`${match}.`);
  return path.search(match) >= 0;
}
