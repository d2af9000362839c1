/** Sessions: steps, predictions, named values, errors that lose nothing. */
import {
  type ConvoltError,
  layers,
  losses,
  metrics,
  ops,
  optimizers,
  type Scope,
  Session,
  type SessionOptions,
  tensor,
  type Value,
} from '../../lib';
import { hostNormal, hostUniform } from '../../lib/graph/philox';

const { dense, relu, sequential } = layers;

const input = tensor(hostNormal([1, 1], 16 * 4), [16, 4]);
const target = tensor(Int32Array.from(hostUniform([2, 2], 16), (value) => Math.floor(3 * value)));

const open = (options: SessionOptions = {}) =>
  new Session(sequential(dense(8), relu(), dense(3)), {
    loss: losses.crossEntropy(),
    metrics: { accuracy: metrics.accuracy() },
    optimizer: optimizers.adam({ rate: 0.01 }),
    ...options,
  });

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    return (error as ConvoltError).code;
  }
};

describe('step and run', () => {
  test('steps lower the loss and report metrics', async () => {
    const session = open();
    const first = await session.step(input, target);
    let last = first;
    for (let i = 0; i < 200; i++) last = await session.step(input, target);
    expect(last.loss).toBeLessThan(first.loss / 3);
    expect(last.accuracy).toBeGreaterThan(first.accuracy as number);
    session.dispose();
  });

  test('run gives one row per example, and inner values by name', async () => {
    const session = open();
    expect((await session.run(input)).shape).toEqual([16, 3]);
    const paths = session.declarations().map(({ path }) => path);
    expect(paths).toContain('dense.weight');
    const fetched = await session.run(input, { fetch: ['dense'] });
    expect(fetched.dense?.shape).toEqual([16, 8]);
    expect(await codeOf(session.run(input, { fetch: ['nothing'] }))).toBe('OPTION');
    session.dispose();
  });

  test('a step returns named scalars on request: the gradient norm before clipping (O-13)', async () => {
    const session = open({
      optimizer: optimizers.chain(optimizers.clipByGlobalNorm(1e-3), optimizers.sgd({ rate: 0.1 })),
    });
    const measured = await session.step(input, target, { fetch: ['gradientNorm'] });
    expect(measured.gradientNorm).toBeGreaterThan(0.01);
    expect(await codeOf(session.step(input, target, { fetch: ['nothing'] }))).toBe('OPTION');
    session.dispose();
  });

  test('the same seed gives the same bits, another seed others', async () => {
    const weightsOf = async (seed: number) => {
      const session = open({ seed });
      for (let i = 0; i < 5; i++) await session.step(input, target);
      const { data } = session.read('dense.weight');
      session.dispose();
      return [...data];
    };
    const [a, b, c] = [await weightsOf(3), await weightsOf(3), await weightsOf(4)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test('several inputs and outputs by name', async () => {
    const both = ({ left, right }: { left: Value; right: Value }, scope: Scope) =>
      dense(3)(ops.concat([left, right], { axis: 1 }), scope);
    const session = new Session(both, { loss: losses.crossEntropy(), optimizer: optimizers.sgd({ rate: 0.1 }) });
    const { loss } = await session.step({ left: input, right: input }, target);
    expect(loss).toBeGreaterThan(0);
    session.dispose();
  });
});

describe('what goes wrong', () => {
  test('a NaN in the input stops before any state changes and names the layer', async () => {
    const session = open();
    await session.step(input, target);
    const before = session.read('dense.weight').data;
    const broken = { ...input, data: Float32Array.from(input.data) };
    broken.data[5] = Number.NaN;
    const failure = (await session.step(broken, target).catch((error) => error)) as ConvoltError;
    expect(failure.code).toBe('NOT_FINITE');
    expect(failure.message).toContain('first seen in input');
    expect(session.read('dense.weight').data).toEqual(before);
    expect((await session.step(input, target)).loss).toBeGreaterThan(0);
    session.dispose();
  });

  test('onNotFinite: continue goes on', async () => {
    const session = open({ onNotFinite: 'continue' });
    const broken = { ...input, data: new Float32Array(64).fill(Number.NaN) };
    expect((await session.step(broken, target)).loss).toBeNaN();
    session.dispose();
  });

  test('a label out of range is an error that names the value, and changes nothing', async () => {
    const session = open();
    await session.step(input, target);
    const before = session.read('dense.weight').data;
    const wrong = tensor(Int32Array.from({ length: 16 }, () => 7));
    const failure = (await session.step(input, wrong).catch((error) => error)) as ConvoltError;
    expect(failure.code).toBe('VALUE');
    expect(failure.message).toContain('7');
    expect(session.read('dense.weight').data).toEqual(before);
    session.dispose();
  });

  test('wrong shapes and types are errors at trace time', async () => {
    const session = open();
    await session.step(input, target);
    expect(await codeOf(session.step(tensor(new Float32Array(16 * 5), [16, 5]), target))).toMatch('STATE');
    expect(await codeOf(session.step(input, tensor(new Float32Array(16))))).toMatch(/DTYPE|SHAPE/);
    expect(await codeOf(session.run(tensor(new Int32Array(8), [2, 4])))).toBe('DTYPE');
    session.dispose();
  });

  test('a second run while one is in flight is refused, the first one is not disturbed', async () => {
    const session = open();
    await session.step(input, target);
    const results = await Promise.allSettled([session.step(input, target), session.step(input, target)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rejected = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect((rejected.reason as ConvoltError).code).toBe('BUSY');
    session.dispose();
  });

  test('a disposed session says so', async () => {
    const session = open();
    await session.step(input, target);
    session.dispose();
    session.dispose();
    expect(await codeOf(session.step(input, target))).toBe('DISPOSED');
    expect(() => session.read('dense.weight')).toThrow('disposed');
  });

  test('unknown options, bad seeds and missing parts', async () => {
    expect(() => new Session(dense(3), { los: 1 } as never)).toThrow("'los'");
    expect(() => new Session(dense(3), { seed: -1 })).toThrow('seed');
    // A metric of that name would be what is trained on, or be dropped.
    for (const name of ['loss', 'finite'])
      expect(() => open({ metrics: { [name]: metrics.accuracy() } })).toThrow(name);
    const bare = new Session(dense(3));
    expect(await codeOf(bare.step(input, target))).toBe('OPTION');
    const empty = new Session((x: Value) => x, { loss: losses.crossEntropy(), optimizer: optimizers.sgd({ rate: 1 }) });
    expect(await codeOf(empty.step(input, target))).toBe('STATE');
    expect(() => bare.read('nothing')).toThrow("'nothing'");
  });

  test("errors point at the user's line", async () => {
    const failure = (await open()
      .run(tensor(new Int32Array(8), [2, 4]))
      .catch((error) => error)) as ConvoltError;
    expect(failure.stack?.split('\n')[1]).toContain('session.test');
  });
});
