/** Parameters from a model that was trained before. */
import { complaint, expectOptions } from '../graph/errors';
import { sameShape, type Tensor } from '../graph/tensor';
import { readSafetensors } from '../io/safetensors';
import { matches, type PathMatch } from '../optimizers/path-match';
import type { Session } from './session';

export interface PretrainedOptions {
  /** Which parameters and states of the session may be overwritten. Default all. */
  readonly match?: PathMatch;
  /** The path in the session for a name of the source; undefined leaves it out. Default the name itself. */
  readonly rename?: (name: string) => string | undefined;
}

/** What became of every tensor. */
export interface PretrainedReport {
  /** Paths that were copied. */
  readonly matched: readonly string[];
  /** Paths of the session that the source lacks; they keep their first numbers. */
  readonly missing: readonly string[];
  /** Names of the source that the session has no place for. */
  readonly unexpected: readonly string[];
  /** Paths whose shapes or types differ; they keep their first numbers. */
  readonly mismatched: readonly string[];
}

/**
 * Initialises a session from a model that was trained before: tensors whose path, type and shape match are copied, all
 * else keeps the numbers of its initializer (He's by default), e.g. the new last layer of a network for other classes.
 *
 * @param source a safetensors file, or tensors by name
 * @throws ConvoltError `STATE` when the model has not been traced by a step or run, or nothing matches; `FILE`, `IO` for
 *   files that cannot be read
 * @example
 * await session.run(images); // declares the parameters
 * const { missing } = await initializeFromPretrained(session, 'backbone.safetensors');
 */
export async function initializeFromPretrained(
  session: Session,
  source: string | ReadonlyMap<string, Tensor>,
  options: PretrainedOptions = {},
): Promise<PretrainedReport> {
  const where = 'initializeFromPretrained';
  expectOptions(where, options, ['match', 'rename']);
  const { match = () => true, rename = (name) => name } = options;
  const declared = new Map(session.declarations().map((declaration) => [declaration.path, declaration]));
  if (declared.size === 0) {
    throw complaint('STATE', {
      where,
      what: 'the model',
      expected: 'traced by a step or run',
      actual: 'one without parameters',
    });
  }
  const tensors = typeof source === 'string' ? (await readSafetensors(source)).tensors : source;
  const [matched, unexpected, mismatched]: [string[], string[], string[]] = [[], [], []];
  for (const [name, tensor] of tensors) {
    const path = rename(name);
    if (path === undefined || !declared.has(path) || !matches(match, path)) {
      unexpected.push(name);
      continue;
    }
    const { dtype, shape } = session.read(path);
    const fits = dtype === tensor.dtype && sameShape(shape, tensor.shape);
    if (fits) session.write(path, tensor);
    (fits ? matched : mismatched).push(path);
  }
  if (matched.length === 0) {
    const actual = `${[...tensors.keys()].join(', ') || 'nothing'}`;
    throw complaint('STATE', {
      where,
      what: 'the source',
      expected: `to hold some of ${[...declared.keys()].join(', ')}`,
      actual,
    });
  }
  const met = new Set([...matched, ...mismatched]);
  const missing = [...declared.values()].filter(({ path, role }) => role === 'parameter' && !met.has(path));
  return { matched, missing: missing.map(({ path }) => path), unexpected, mismatched };
}
