/** Chapter K: Jacobians, Fourier transforms, decompositions, groups and neighbours. */
import * as fc from 'fast-check';
import { jacobian, jacobianVector, linalg, math, ops, tensor, vectorJacobian } from '../../lib';
import { constant } from '../../lib/ops/source';
import { expectHand } from '../closeness';
import { iris } from '../golden/samples';
import { numbers } from './numbers';

const { matrix, product, transposed } = linalg;

/** A matrix of random numbers. */
const random = (rows: number, columns: number, seed = 1): linalg.Matrix => {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return { shape: [rows, columns], data: Float64Array.from({ length: rows * columns }, next) };
};

/** |a - b| / |b|, of all entries. */
const apart = (a: linalg.Matrix, b: linalg.Matrix): number =>
  math.vectorNorm(a.data.map((x, i) => x - (b.data[i] as number))) / math.vectorNorm(b.data);

const diagonal = (values: Float64Array): linalg.Matrix => ({
  shape: [values.length, values.length],
  data: Float64Array.from({ length: values.length ** 2 }, (_, i) =>
    i % (values.length + 1) === 0 ? (values[i % values.length] as number) : 0,
  ),
});

describe('K-06 Jacobians', () => {
  const x = constant([1, 2, 3]);

  test('of softmax: diag(p) - p p^T, whose rows add up to 0', () => {
    const rows = numbers(jacobian(ops.softmax(x), x));
    expectHand(rows, [0.081925, -0.022033, -0.059892, -0.022033, 0.184836, -0.162803, -0.059892, -0.162803, 0.222695]);
    for (let i = 0; i < 9; i += 3) expect(Math.abs(rows.slice(i, i + 3).reduce((a, b) => a + b))).toBeLessThan(1e-12);
  });

  test('of the sigmoid: diagonal', () => {
    const z = constant([0, 1, -1]);
    const rows = numbers(jacobian(ops.sigmoid(z), z));
    expectHand(
      [0, 4, 8].map((i) => rows[i] as number),
      [0.25, 0.196612, 0.196612],
    );
    expect(rows.filter((_, i) => i % 4 !== 0).map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('products with vectors from both sides', () => {
    const w = constant([
      [1, 2, 0.5],
      [-1, 0.25, 3],
    ]);
    const y = ops.tanh(ops.matmul(w, ops.reshape(x, [3, 1])));
    const j = numbers(jacobian(y, x));
    const [u, v] = [
      [0.5, -2],
      [1, -1, 0.25],
    ];
    const left = [0, 1, 2].map((c) => (u[0] as number) * (j[c] as number) + (u[1] as number) * (j[3 + c] as number));
    const right = [0, 1].map((r) => v.reduce((sum, value, c) => sum + value * (j[3 * r + c] as number), 0));
    expectHand(numbers(vectorJacobian(y, x, constant([[0.5], [-2]]))), left);
    expectHand(numbers(jacobianVector(y, x, constant(v))), right);
  });

  test('vectors of another shape are refused', () => {
    expect(() => vectorJacobian(x, x, constant([1, 2]))).toThrow('vectorJacobian: expected the vector');
    expect(() => jacobianVector(x, x, constant([1, 2]))).toThrow('jacobianVector: expected the vector');
  });
});

describe('K-09 Fourier transforms', () => {
  test('of 1, 2, 3, 4 and of 1 to 5', () => {
    const four = linalg.fourier([1, 2, 3, 4]);
    expectHand(four.re, [10, -2, -2, -2]);
    expectHand(four.im, [0, 2, 0, -2]);
    const five = linalg.fourier([1, 2, 3, 4, 5]);
    expectHand([five.re[1] as number, five.im[1] as number], [-2.5, 3.440955]);
  });

  test.each([...Array.from({ length: 64 }, (_, i) => i + 1), 97, 1000, 10007])(
    'length %d, by definition and back',
    (n) => {
      const { data: re } = random(1, n, n);
      const { data: im } = random(1, n, n + 1);
      const found = linalg.fourier(re, im);
      for (const k of new Set([0, 1, n >> 1, n - 1])) {
        let [a, b] = [0, 0];
        for (let j = 0; j < n; j++) {
          const angle = (-2 * Math.PI * ((j * k) % n)) / n;
          a += (re[j] as number) * Math.cos(angle) - (im[j] as number) * Math.sin(angle);
          b += (re[j] as number) * Math.sin(angle) + (im[j] as number) * Math.cos(angle);
        }
        expect(Math.abs((found.re[k % n] as number) - a) + Math.abs((found.im[k % n] as number) - b)).toBeLessThan(
          1e-9 * n,
        );
      }
      const back = linalg.inverseFourier(found);
      const error = Math.max(
        ...back.re.map((x, j) => Math.abs(x - (re[j] as number))),
        ...back.im.map((x, j) => Math.abs(x - (im[j] as number))),
      );
      expect(error).toBeLessThan(1e-12);
    },
  );

  test('of nothing, and of unequal parts', () => {
    expect(linalg.fourier([]).re).toHaveLength(0);
    expect(() => linalg.fourier([1, 2], [1])).toThrow('fourier: expected the imaginary parts');
  });

  test('a product of spectra is the product with a circulant matrix', () => {
    const [w, x] = [constant([1, 2, 3]), constant([4, 5, 7])];
    const [a, b] = [ops.realFft(w), ops.realFft(x)];
    const re = ops.sub(ops.mul(a.re, b.re), ops.mul(a.im, b.im));
    const im = ops.add(ops.mul(a.re, b.im), ops.mul(a.im, b.re));
    expectHand(numbers(ops.inverseRealFft({ re, im }, { length: 3 })), [33, 34, 29]);
  });
});

describe('K-10 linear algebra', () => {
  test('singular values of a small matrix', () => {
    const { u, s, v } = linalg.svd([
      [3, 0],
      [4, 5],
    ]);
    expectHand(s, [6.708204, 2.236068]);
    expect(
      apart(
        product(product(u, diagonal(s)), transposed(v)),
        matrix([
          [3, 0],
          [4, 5],
        ]),
      ),
    ).toBeLessThan(1e-12);
  });

  test.each([
    [1, 1],
    [7, 3],
    [3, 7],
    [40, 25],
    [60, 60],
  ])('%d x %d: A = U S V^T, orthogonal, falling, one sign', (m, n) => {
    const a = random(m, n);
    const { u, s, v } = linalg.svd(a);
    expect(apart(product(product(u, diagonal(s)), transposed(v)), a)).toBeLessThan(1e-12);
    const unit = diagonal(new Float64Array(s.length).fill(1));
    expect(apart(product(transposed(u), u), unit)).toBeLessThan(1e-12);
    expect(apart(product(transposed(v), v), unit)).toBeLessThan(1e-12);
    expect([...s]).toEqual([...s].sort((x, y) => y - x));
    for (let j = 0; j < s.length; j++) {
      const column = Array.from({ length: n }, (_, i) => v.data[i * s.length + j] as number);
      expect(column.reduce((top, x) => (Math.abs(x) > Math.abs(top) ? x : top))).toBeGreaterThan(0);
    }
  });

  test('eigenvalues of a covariance are those of NumPy, and A = Q L Q^T', () => {
    const { data, eigenvalues } = iris();
    const { variances } = math.pca(data);
    expectHand(variances, eigenvalues);
    const a = random(30, 30);
    const symmetric = {
      shape: a.shape,
      data: a.data.map((x, i) => x + (a.data[(i % 30) * 30 + Math.floor(i / 30)] as number)),
    };
    const { values, vectors } = linalg.symmetricEigen(symmetric);
    expect(apart(product(product(vectors, diagonal(values)), transposed(vectors)), symmetric)).toBeLessThan(1e-12);
  });

  test('Cholesky', () => {
    expectHand(
      linalg.cholesky([
        [4, 2],
        [2, 5],
      ]).data,
      [2, 0, 1, 2],
    );
    expect(() =>
      linalg.cholesky([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow('cholesky: expected the matrix to be positive definite');
  });

  test('least squares, exact and shortest solutions', () => {
    expectHand(
      linalg.leastSquares(
        [
          [1, 0],
          [1, 1],
          [1, 2],
        ],
        [[1], [3], [5]],
      ).data,
      [1, 2],
    );
    expectHand(linalg.leastSquares([[1, 1]], [[2]]).data, [1, 1]);
    const [a, x] = [random(20, 20), random(20, 3, 5)];
    expect(apart(linalg.leastSquares(a, product(a, x)), x)).toBeLessThan(1e-10);
  });

  test('triangular systems, whose other half is not read', () => {
    expectHand(
      linalg.triangularSolve(
        [
          [2, 9],
          [1, 2],
        ],
        [[2], [5]],
      ).data,
      [1, 2],
    );
    expectHand(
      linalg.triangularSolve(
        [
          [2, 1],
          [9, 2],
        ],
        [[4], [4]],
        { lower: false },
      ).data,
      [1, 2],
    );
    expect(() => linalg.triangularSolve([[0]], [[1]])).toThrow('every number of the diagonal');
  });

  test('misuse is refused', () => {
    expect(() => linalg.svd([[1, 2], [3]])).toThrow('matrix: expected the numbers');
    expect(() => linalg.symmetricEigen([[1, 2]])).toThrow('symmetricEigen: expected the matrix to be square');
    expect(() => linalg.svd([[Number.NaN]])).toThrow('svd: expected every number to be finite');
    expect(() => linalg.leastSquares([[1]], [[1], [2]])).toThrow('leastSquares: expected the rows');
    expect(() => product(matrix([[1, 2]]), matrix([[1, 2]]))).toThrow('product: expected the rows');
  });
});

describe('K-11 k-means', () => {
  const data = [0, 1, 2, 10, 11, 12];

  test.each(['kmeans++', 'random', 'linear'] as const)('two groups of numbers, start %s', (start) => {
    const { centers, inertia, assignments } = math.kMeans(data, { k: 2, start });
    expect([...centers.data].sort((a, b) => a - b)).toEqual([1, 11]);
    expect(inertia).toBe(4);
    expect(new Set(assignments.slice(0, 3)).size).toBe(1);
  });

  test('inertia never grows, and one seed gives one result', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1000), (k, seed) => {
        const points = random(40, 2, seed + 1);
        const { history, centers } = math.kMeans(points, { k, seed });
        const growth = history.slice(1).map((inertia, i) => inertia - (history[i] as number));
        expect(Math.max(0, ...growth)).toBeLessThan(1e-12);
        expect(math.kMeans(points, { k, seed }).centers).toEqual(centers);
      }),
      { numRuns: 30 },
    );
  });

  test('one centre is the mean, and a centre without points stays', () => {
    expect([...math.kMeans(data, { k: 1 }).centers.data]).toEqual([6]);
    const { centers } = math.kMeans([0, 0, 0, 9], { k: 3, start: 'linear' });
    expect([...centers.data]).toEqual([0, 4.5, 9]);
  });

  test('misuse is refused', () => {
    expect(() => math.kMeans([1], { k: 2 })).toThrow('kMeans: expected k to be at most 1');
    expect(() => math.kMeans([[1, 2]], { k: 1, start: 'linear' })).toThrow('single numbers');
  });
});

describe('K-14 nearest neighbours', () => {
  test.each(['l2', 'l1', 'cosine'] as const)('of IRIS by %s are those of NumPy, k = 1 and 5', async (distance) => {
    const { data, neighbours } = iris();
    const five = await math.nearestNeighbours(data, data, { k: 5, distance });
    expect([...five.indices.data]).toEqual(neighbours[distance].flat());
    const one = await math.nearestNeighbours(data, data, { distance });
    expect([...one.indices.data]).toEqual(neighbours[distance].map((row) => row[0]));
  });

  test('ties fall to the lower number, however many there are', async () => {
    const points = tensor(Array.from({ length: 300 }, (_, i) => [i % 3, 1]));
    const { indices, distances } = await math.nearestNeighbours(points, tensor([[2, 1]]), { k: 4 });
    expect([...indices.data]).toEqual([2, 5, 8, 11]);
    expect([...distances]).toEqual([0, 0, 0, 0]);
  });

  test('many queries', async () => {
    const points = tensor(Array.from({ length: 50 }, (_, i) => [i, 0]));
    const queries = tensor(Array.from({ length: 600 }, (_, i) => [(i % 50) + 0.25, 0]));
    const { indices } = await math.nearestNeighbours(points, queries);
    expect([...indices.data]).toEqual(Array.from({ length: 600 }, (_, i) => i % 50));
  });

  test('misuse is refused', async () => {
    const point = tensor([[1, 2]]);
    await expect(math.nearestNeighbours(point, tensor([[1]]))).rejects.toThrow('points and queries');
    await expect(math.nearestNeighbours(point, point, { k: 2 })).rejects.toThrow('at least 2 points');
    await expect(math.nearestNeighbours(tensor([1]), point)).rejects.toThrow('the points');
  });
});
