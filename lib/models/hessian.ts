/** Second derivatives of a session's loss: products with the Hessian, and the Hessian of small models. */
import { gradients } from '../compiler/differentiate';
import { expect } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { named, type Value } from '../graph/value';
import { add, mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { feed } from '../ops/source';
import { fedSource } from './batch-source';
import type { Examples } from './evaluate';
import { feedsOf, probe, runProbe } from './parameter-vector';
import type { Session } from './session';

/** Beyond so many parameters a matrix of their second derivatives is refused. */
const most = 5000;

/** What a Newton step needs: everything is a vector or a matrix over all parameters, one behind the other. */
export interface Curvatures {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** H v. */
  times(v: ArrayLike<number>): Promise<Float64Array>;
}

/** The numbers of `names`, one tensor behind the other. */
const joined = (outputs: Readonly<Record<string, Tensor>>, names: readonly string[]): Float64Array =>
  Float64Array.from(names.flatMap((name) => [...(outputs[name] as Tensor).data]));

/**
 * Loss and gradient of the session on one batch, and products of the Hessian with vectors: the gradient of g'v to the
 * parameters is H v (Pearlmutter 1994), since the gradient is a graph like any other. A product costs about two gradients.
 *
 * @example
 * const { gradient, times } = await curvatures(session, batch);
 * const curvature = await times(gradient); // how the loss bends along its gradient
 */
export async function curvatures(session: Session, examples: Examples): Promise<Curvatures> {
  const source = fedSource(examples.input, examples.target);
  const paths: string[] = [];
  const program = await probe(session, 'curvatures', source, ({ loss, parameters, slopes }) => {
    paths.push(...parameters.keys());
    const feeds = [...parameters].map(([path, { shape }]) => feed(`direction of ${path}`, shape));
    const products = [...slopes.values()].map((slope, i) => sum(mul(slope, feeds[i] as Value)));
    const along = products.reduce((total, product) => add(total, product));
    const bent = gradients(along, [...parameters.values()]);
    const outputs = {
      value: named('value', loss),
      ...Object.fromEntries(slopes),
      ...Object.fromEntries(bent.map((value, i) => [`curvature of ${paths[i]}`, value])),
    };
    return { outputs, feeds };
  });
  const types = session.declarations().filter(({ role }) => role === 'parameter');
  const given = feedsOf(examples);
  const run = async (v?: ArrayLike<number>) => {
    let offset = 0;
    const directions = types.map(({ path, shape }): [string, Tensor] => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data = Float32Array.from({ length: size }, (_, i) => (v ? (v[offset + i] as number) : 0));
      offset += size;
      return [`direction of ${path}`, { dtype: 'float32', shape, data }];
    });
    expect(v === undefined || v.length === offset, 'SHAPE', () => ({
      where: 'curvatures',
      what: 'the vector',
      expected: `of ${offset} numbers, one for every parameter`,
      actual: `one of ${v?.length}`,
    }));
    return runProbe(session, program, { ...given, ...Object.fromEntries(directions) });
  };
  const names = types.map(({ path }) => path);
  const first = await run();
  return {
    loss: (first.value as Tensor).data[0] as number,
    gradient: joined(first, names),
    times: async (v) =>
      joined(
        await run(v),
        names.map((path) => `curvature of ${path}`),
      ),
  };
}

/** H [n][n] by n products with unit vectors. */
export async function hessianOf({ gradient, times }: Curvatures): Promise<Float64Array[]> {
  const n = gradient.length;
  expect(n <= most, 'VALUE', () => ({
    where: 'hessian',
    what: 'the number of parameters',
    expected: `at most ${most}`,
    actual: String(n),
  }));
  const columns: Float64Array[] = [];
  for (let i = 0; i < n; i++) columns.push(await times(Float64Array.from({ length: n }, (_, j) => Number(i === j))));
  return columns.map((column, i) => column.map((value, j) => (value + (columns[j]?.[i] as number)) / 2));
}

/**
 * The matrix of second derivatives of the session's loss on one batch, [n][n] over all parameters, one behind the other; for
 * models of at most 5000 parameters.
 *
 * @throws ConvoltError `VALUE` for larger models, `OPTION` without a loss
 * @example const rows = await hessian(session, batch);
 */
export const hessian = async (session: Session, examples: Examples): Promise<readonly Float64Array[]> =>
  hessianOf(await curvatures(session, examples));
