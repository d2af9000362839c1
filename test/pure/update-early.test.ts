/** The order of steps in which each state is written as soon as it can be. */
import { gradients, ops, type Value } from '../../lib';
import { compile, type ProgramSpec } from '../../lib/compiler/compile';
import { feed, state } from '../../lib/ops/source';

/** x W1 ... Wn, of which every W moves against its gradient. */
function chainOf(count: number): ProgramSpec {
  const x = feed('x', [4, 64]);
  const weights = Array.from({ length: count }, (_, i) => state(`w${i}`, [64, 64]));
  const y = weights.reduce((value: Value, weight) => ops.tanh(ops.matmul(value, weight)), x);
  const loss = ops.sum(ops.square(y));
  const slopes = gradients(loss, weights);
  const updates = weights.map((w, i) => ({ state: w, next: ops.sub(w, ops.mul(slopes[i] as Value, 0.1)) }));
  return { outputs: { loss, finite: ops.checkFinite(loss) }, feeds: [x], updates };
}

const writesOf = (spec: ProgramSpec): { writes: boolean[]; kernels: string[]; firstWrite: number } => {
  const { plan } = compile(spec);
  const writes = plan.steps.map((step) => step.outputs.some((i) => plan.buffers[i]?.region === 'state'));
  return { writes, kernels: plan.steps.map(({ kernel }) => kernel), firstWrite: plan.firstWrite };
};

test('updates stand between products, behind what leaves the program', () => {
  const { writes, kernels, firstWrite } = writesOf({ ...chainOf(5), update: 'fused' });
  expect(writes.indexOf(true)).toBe(firstWrite);
  expect(writes.filter(Boolean)).toHaveLength(5);
  expect(kernels.indexOf('checkFinite')).toBeLessThan(firstWrite);
  expect(kernels.lastIndexOf('matmul')).toBeGreaterThan(firstWrite);
  expect(writes.lastIndexOf(false)).toBeGreaterThan(writes.indexOf(true));
});

test('the arena holds few gradients at a time', () => {
  const bytes = (update: 'deferred' | 'fused', count: number) => compile({ ...chainOf(count), update }).plan.arenaBytes;
  const gradient = 4 * 64 * 64;
  expect(bytes('deferred', 9) - bytes('deferred', 5)).toBeGreaterThanOrEqual(4 * gradient);
  expect(bytes('fused', 9) - bytes('fused', 5)).toBeLessThan(gradient);
});

test('a check of every step keeps states to the end', () => {
  const { writes, firstWrite } = writesOf({ ...chainOf(3), update: 'fused', check: 'finite' });
  expect(writes).toEqual(writes.map((_, i) => i >= firstWrite));
});

test('loops run before states are written', () => {
  const [w, x] = [state('w', [8]), feed('x', [2, 6, 8])];
  const cell = (h: Value, step: Value) => {
    const state = ops.tanh(ops.mul(ops.add(h, step), w));
    return { state, output: state };
  };
  const { outputs } = ops.scan(cell, ops.broadcastTo(ops.constant(0), [2, 8]), x);
  const loss = ops.sum(ops.square(outputs));
  const v = state('v', [8]);
  const both = ops.add(loss, ops.sum(ops.mul(v, v)));
  const [slopeW, slopeV] = gradients(both, [w, v]) as [Value, Value];
  const { plan } = compile({
    outputs: { both },
    feeds: [x],
    updates: [
      { state: w, next: ops.sub(w, slopeW) },
      { state: v, next: ops.sub(v, slopeV) },
    ],
    update: 'fused',
  });
  expect(plan.loops.length).toBeGreaterThan(0);
  expect(Math.max(...plan.loops.map(({ end }) => end))).toBeLessThanOrEqual(plan.firstWrite);
});
