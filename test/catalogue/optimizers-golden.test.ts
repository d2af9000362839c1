/** O-01, O-02, O-04 to O-08, O-12, O-13, N-03: whole paths of PyTorch's optimizers and running statistics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers, losses, ops, Session, tensor, type Value } from '../../lib';
import { Scope } from '../../lib/graph/scope';
import { add } from '../../lib/ops/elementwise';
import { feed, state } from '../../lib/ops/source';
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  clipByValue,
  groups,
  momentum,
  rmsprop,
  scaleByRate,
  scaleByRms,
  sgd,
  type Transform,
  weightDecay,
} from '../../lib/optimizers';
import { evaluate } from '../../lib/reference';
import { expectClose, F32, F64 } from '../closeness';
import { noise } from '../golden/golden';
import { initialNumbers, newTrace } from '../pure/tracing';

interface Golden {
  readonly oracle: string;
  readonly count: number;
  readonly statistics: Readonly<Record<'running' | 'average' | 'evaluated', readonly number[]>>;
  /** All parameters, one behind the other, after each step. */
  readonly optimizers: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const golden: Golden = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'optimizers.json'), 'utf8'));
const { oracle, count, statistics } = golden;

const rate = 0.125;
const decay = 0.25;
const scaling = { rate, beta1: 0.875, beta2: 0.96875, epsilon: 2 ** -20 };

const optimizers: Record<string, Transform> = {
  descent: sgd({ rate }),
  'descent with decay': sgd({ rate, weightDecay: decay }),
  momentum: sgd({ rate, momentum: 0.75 }),
  'momentum with decay': sgd({ rate, momentum: 0.75, weightDecay: decay, form: 'torch' }),
  Nesterov: sgd({ rate, momentum: 0.75, nesterov: true }),
  Adam: adam(scaling),
  'Adam with decay': adam({ ...scaling, weightDecay: decay }),
  AdamW: adamw({ ...scaling, weightDecay: decay }),
  Adagrad: adagrad({ rate, epsilon: 1e-10, epsilonMode: 'outside' }),
  'Adagrad from a start': adagrad({ rate, epsilon: 2 ** -10, epsilonMode: 'outside', initial: 0.25 }),
  Adadelta: adadelta({ rate: 1, decay: 0.95, epsilon: 1e-6 }),
  'Adadelta with a rate and decay': adadelta({ rate: 4, decay: 0.75, epsilon: 2 ** -4, weightDecay: decay }),
  RMSProp: rmsprop({ rate, decay: 0.875, epsilon: 2 ** -20, epsilonMode: 'outside' }),
  'RMSProp with momentum': chain(
    scaleByRms({ decay: 0.75, epsilon: 2 ** -10, epsilonMode: 'outside' }),
    momentum({ mu: 0.5 }),
    scaleByRate(rate),
  ),
  groups: groups(
    sgd({ rate, weightDecay: decay, decayMatch: 'body' }),
    { match: 'head.weight', optimizer: chain(momentum({ mu: 0.75 }), scaleByRate(rate / 2)) },
    { match: 'head.bias', rateMultiplier: 2 },
  ),
  'groups, one frozen': groups(
    chain(weightDecay(0), sgd({ rate })),
    { match: /^body/, freeze: true },
    { match: (path) => path.endsWith('bias'), rateMultiplier: 2 },
  ),
  'clipped by global norm': chain(clipByGlobalNorm(2), sgd({ rate })),
  'clipped by a norm that is not reached': chain(clipByGlobalNorm(64), sgd({ rate })),
  'clipped by value': chain(clipByValue(0.5), sgd({ rate })),
};

const names = ['body.weight', 'head.weight', 'head.bias'];
const start = (position: number) => noise(position + 1, [count]);
const gradientOf = (step: number, position: number) => noise(10 * (step + 1) + position, [count]);

/** The path in float64: the optimizer's graph, stepped by the reference. */
function reference(optimizer: Transform, steps: number): number[][] {
  const trace = newTrace();
  const parameters = new Map(names.map((path) => [path, state(path, [count])]));
  const slopes = new Map(names.map((path) => [path, feed(path, [count])]));
  for (const [path, update] of optimizer(slopes, parameters, new Scope(trace, 'optimizer'))) {
    trace.updates.set(path, add(parameters.get(path) as Value, update));
  }
  const states = initialNumbers(trace);
  for (const [i, path] of names.entries()) states.set(path, start(i));
  const changed = [...trace.updates.keys()];
  return Array.from({ length: steps }, (_, step) => {
    const feeds = new Map(names.map((path, i) => [path, gradientOf(step, i)]));
    const made = evaluate([...trace.updates.values()], feeds, states);
    for (const [i, next] of made.entries()) states.set(changed[i] as string, next);
    return names.flatMap((path) => [...(states.get(path)?.data ?? [])]);
  });
}

/**
 * A model whose gradients are its inputs, so that a session takes the same steps natively; every number stands there
 * `copies` times, so that updates run over several blocks of memory.
 */
async function native(optimizer: Transform, steps: number, copies = 1): Promise<number[][]> {
  const length = count * copies;
  const repeated = ({ data }: { data: ArrayLike<number> }) =>
    Array.from({ length }, (_, i) => data[i % count] as number);
  const model = (inputs: Record<string, Value>, scope: Scope): Value => {
    const zeros = (shape: readonly number[]) => ops.broadcastTo(ops.constant(0), shape);
    const body = scope.child('body', (inner) => [inner.param('weight', [length], zeros)]);
    const head = scope.child('head', (inner) => [
      inner.param('weight', [length], zeros),
      inner.param('bias', [length], zeros),
    ]);
    const terms = [...body, ...head].map((w, i) => ops.sum(ops.mul(inputs[`x${i}`] as Value, w), { axes: [1] }));
    return terms.reduce((total, term) => ops.add(total, term));
  };
  const session = new Session(model, { loss: (prediction: Value) => prediction, optimizer });
  const inputs = (step: number) =>
    Object.fromEntries(names.map((_, i) => [`x${i}`, tensor(repeated(gradientOf(step, i)), [1, length])]));
  await session.run(inputs(0));
  for (const [i, path] of names.entries()) session.write(path, tensor(repeated(start(i)), [length]));
  const path: number[][] = [];
  for (let step = 0; step < steps; step++) {
    await session.step(inputs(step), tensor([0]));
    path.push(names.flatMap((name) => [...session.read(name).data]));
  }
  session.dispose();
  return path;
}

describe.each(Object.entries(golden.optimizers))(`%s, as ${oracle} steps`, (name, steps) => {
  const optimizer = optimizers[name] as Transform;
  const shape = [steps.length, 3 * count];
  const expected = { shape, data: steps.flat() };

  // Adam's log(beta) is a constant, and constants are float32.
  const tolerance = name.startsWith('Adam') ? { absolute: 2e-6, relative: 2e-6 } : F64;

  test('float64', () => expectClose({ shape, data: reference(optimizer, steps.length).flat() }, expected, tolerance));

  test('native', async () =>
    expectClose({ shape, data: (await native(optimizer, steps.length)).flat() }, expected, F32));

  if (/clipped by .*norm/.test(name)) return; // a norm would be that of all copies

  test('native, of many numbers: every copy goes the same way', async () => {
    const copies = 2001;
    const path = await native(optimizer, steps.length, copies);
    for (const [step, numbers] of path.entries()) {
      for (let part = 0; part < 3; part++) {
        const found = numbers.slice(part * count * copies, (part + 1) * count * copies);
        const wrong = found.findIndex((value, i) => value !== found[i % count]);
        expect(wrong).toBe(-1);
        const data = found.slice(0, count);
        const wanted = (steps[step] as readonly number[]).slice(part * count, (part + 1) * count);
        expectClose({ shape: [count], data }, { shape: [count], data: wanted }, F32);
      }
    }
  });
});

test('every golden path has its optimizer', () =>
  expect(Object.keys(optimizers).sort()).toEqual(Object.keys(golden.optimizers).sort()));

describe('N-03 running statistics after 50 batches', () => {
  /** Rising numbers, so that later batches weigh more where they should. */
  const batch = (i: number) => {
    const { shape, data } = noise(i, [3, 5, 6, 4]);
    return tensor(
      Float32Array.from(data, (x) => x * (1 + i / 64) + i / 16),
      shape,
    );
  };

  async function trained(momentumOrAverage: number | null) {
    const session = new Session(layers.batchNorm({ momentum: momentumOrAverage }), {
      loss: losses.squaredError(),
      optimizer: groups(sgd({ rate: 0.1 }), { match: /./, freeze: true }),
    });
    for (let i = 0; i < 50; i++) await session.step(batch(i), batch(i));
    const found = ['mean', 'variance'].flatMap((name) => [...session.read(`batchNorm.${name}`).data]);
    const { data } = await session.run(tensor([1, 1, 1, 1], [1, 1, 1, 4]));
    session.dispose();
    return { found, evaluated: [...data] };
  }

  const expectNumbers = (data: number[], numbers: readonly number[]) =>
    expectClose({ shape: [data.length], data }, { shape: [numbers.length], data: numbers }, F32);

  test(`with a momentum, as ${oracle}; evaluation uses them`, async () => {
    const { found, evaluated } = await trained(0.1);
    expectNumbers(found, statistics.running);
    expectNumbers(evaluated, statistics.evaluated);
  });

  test(`as a plain average, as ${oracle}`, async () => expectNumbers((await trained(null)).found, statistics.average));
});
