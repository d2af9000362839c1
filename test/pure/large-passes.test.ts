/** How often a training step passes over memory of the size of activations: counted in the plan, so that it cannot grow. */
import { compile } from '../../lib/compiler/compile';
import { type Step, storageOf } from '../../lib/compiler/step';
import { bytesOf } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import {
  type Block,
  batchNorm,
  conv2d,
  depthwiseConv2d,
  type Layer,
  relu,
  relu6,
  residual,
  sequential,
} from '../../lib/layers';
import { traceTraining } from '../../lib/models/train-step';
import { add, clip, div, mul, square } from '../../lib/ops/elementwise';
import { mean } from '../../lib/ops/reduce';
import { feed } from '../../lib/ops/source';
import { sgd } from '../../lib/optimizers';
import { newTrace } from './tracing';

const shape = [8, 16, 16, 16];
const activation = 8 * 16 * 16 * 16 * 4;

/** The steps of the training program of a model for images of `shape`, the loss being the mean square of its output. */
function trainingSteps(model: Layer, tails = false): readonly Step[] {
  const trace = newTrace();
  const x = feed('x', shape);
  const loss = (y: unknown) => mean(square(y as Value), { axes: [1, 2, 3] });
  const optimizer = sgd({ rate: 0.1, momentum: 0.9 });
  const { outputs } = traceTraining(trace, (input, scope) => model(input as Value, scope), { loss }, optimizer, x, x);
  const updates = [...trace.updates].map(([path, next]) => ({
    state: trace.declarations.get(path)?.value as Value,
    next,
  }));
  return compile({ outputs, updates, feeds: [x], tails }).steps;
}

/**
 * Activations that each elementwise pass reads and writes, e.g. `2 -> 1`, in the order of the passes. What a pass that
 * follows a kernel range by range moves besides the kernel's own output has a plus: `+1 -> 0`.
 */
function passes(steps: readonly Step[]): string[] {
  const large = (values: readonly Value[]) =>
    [...new Set(values.map(storageOf))].filter((value) => bytesOf(value) >= activation).length;
  return steps.flatMap(({ kernel, inputs, outputs, parts }) => {
    const [reads, writes] = [large(inputs), large(outputs)];
    if (parts) return [`+${reads - large(parts[0].inputs)} -> ${writes - 1}`];
    return kernel === 'elementwise' && reads + writes > 0 ? [`${reads} -> ${writes}`] : [];
  });
}

const conv = (filters = 16, kernel = 3): Layer => conv2d(filters, kernel, { padding: (kernel - 1) / 2, bias: false });

/** x relu6(x + 3) / 6. */
const hardSwish = (): Block => (x) => mul(x, div(clip(add(x, 3), 0, 6), 6));

describe('passes over activations', () => {
  test('convolution, batch normalisation, ReLU', () => {
    const steps = trainingSteps(sequential(conv(), batchNorm(), relu(), conv()));
    expect(passes(steps)).toEqual([
      '1 -> 0', // statistics
      '1 -> 1', // normalise, ReLU
      '1 -> 0', // loss
      '1 -> 1', // its gradient
      '2 -> 0', // both sums of the gradient: reads it and x, from which the mask is computed again
      '2 -> 1', // gradient of x
    ]);
  });

  test('a residual block stores the gradient of the sum once, for both ways', () => {
    const body = sequential(conv(), batchNorm(), relu(), conv(), batchNorm());
    const steps = trainingSteps(sequential(conv(), residual(body), relu(), conv()));
    expect(passes(steps)).toEqual([
      '1 -> 0', // statistics of the first normalisation
      '1 -> 1',
      '1 -> 0', // of the second
      '2 -> 1', // normalise, add, ReLU
      '1 -> 0', // loss
      '1 -> 1',
      '3 -> 1', // gradient, y or the skipped value, x: sums, and the gradient behind ReLU, which both ways need
      '2 -> 1',
      '2 -> 0',
      '2 -> 1',
      '2 -> 1', // the two ways meet
    ]);
  });

  test('passes that follow a kernel write in the place of its output', () => {
    const body = sequential(conv(), batchNorm(), relu(), conv(), batchNorm());
    const steps = trainingSteps(sequential(conv(), residual(body), relu(), conv()), true);
    expect(passes(steps)).toEqual([
      '+0 -> 0', // statistics of the first normalisation
      '1 -> 1',
      '+0 -> 0', // of the second
      '2 -> 1',
      '+0 -> 1', // gradient of the loss
      '1 -> 0', // loss
      '+2 -> 0', // gradient behind ReLU, sums
      '2 -> 1',
      '+1 -> 0',
      '2 -> 1',
      '+1 -> 0', // the two ways meet
    ]);
  });

  test.each([
    ['ReLU', relu, '2 -> 0'],
    ['ReLU6', relu6, '2 -> 1'], // its mask takes as long to compute again as to read the masked gradient
    ['hard swish', hardSwish, '2 -> 1'],
  ])('an inverted residual with %s', (_, activate, sums) => {
    const body = sequential(
      ...[conv(16, 1), batchNorm(), activate()],
      ...[depthwiseConv2d(3, { padding: 1, bias: false }), batchNorm(), activate()],
      ...[conv(16, 1), batchNorm()],
    );
    const steps = trainingSteps(sequential(conv(), residual(body), conv()));
    expect(passes(steps)).toEqual([
      ...['1 -> 0', '1 -> 1', '1 -> 0', '1 -> 1'],
      ...['1 -> 0', '2 -> 1'], // normalise, add
      ...['1 -> 0', '1 -> 1'], // loss
      ...['2 -> 0', '2 -> 1', sums, '2 -> 1', sums, '2 -> 1'],
      '2 -> 1', // the two ways meet
    ]);
  });
});
