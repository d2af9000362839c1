/** Networks: parameter counts, torchvision's numbers on small ones, options. */
import {
  basicBlock,
  binaryLenet,
  biRealResnet18,
  bottleneckBlock,
  type ConvoltError,
  fire,
  invertedResidual,
  layers,
  losses,
  mobilenetV2,
  optimizers,
  quicknet,
  resnet,
  resnet18,
  resnet20,
  resnet34,
  resnet50,
  resnet101,
  Session,
  squeezenet,
  type Tensor,
  tensor,
  vgg11,
  vgg13,
  vgg16,
  vgg19,
} from '../../lib';
import { sizeOf } from '../../lib/graph/tensor';
import type { Layer } from '../../lib/layers';
import { fedSource } from '../../lib/models/batch-source';
import { expectClose, F32, type Tolerance } from '../closeness';
import { type Answer, golden, make, type Recipe, thinned } from '../golden/golden';
import { traced } from '../pure/tracing';

/** Numbers of all trained parameters, none of which is made. */
function parameterCount(network: Layer, image: readonly number[]): number {
  const { y, trace } = traced(network, [1, ...image], false);
  expect(y.shape.length).toBe(2);
  const trained = [...trace.declarations.values()].filter(({ role }) => role === 'parameter');
  return trained.reduce((total, { shape }) => total + sizeOf(shape), 0);
}

const large = [224, 224, 3];
const small = [32, 32, 3];
const cifar = { form: 'cifar', classes: 10 } as const;

const counts: [string, Layer, readonly number[], number][] = [
  ['resnet18 (Z-32)', resnet18(), large, 11689512],
  ['resnet34 (Z-32)', resnet34(), large, 21797672],
  ['resnet50 (Z-33)', resnet50(), large, 25557032],
  ['resnet101 (Z-33)', resnet101(), large, 44549160],
  ['resnet18 for small images', resnet18(cifar), small, 11173962],
  ['resnet20 (Z-34)', resnet20(), small, 272474],
  ['resnet of 56 layers (Z-34)', resnet({ ...cifar, stages: [9, 9, 9], filters: 16 }), small, 853018 + 2752],
  ['Bi-Real ResNet-18', biRealResnet18(), large, 11689512],
  ['Bi-Real ResNet-18 for small images', biRealResnet18(cifar), small, 11173962],
  ['quicknet', quicknet(), large, 13230056],
  ['a small quicknet', quicknet({ ...cifar, filters: [32, 64, 128], blocks: [2, 2, 2] }), small, 400810],
  ['binary LeNet', binaryLenet(), [28, 28, 1], 1663978],
  ['vgg11 (Z-24)', vgg11(), large, 132863336],
  ['vgg13 (Z-24)', vgg13(), large, 133047848],
  ['vgg16 (Z-24)', vgg16(), large, 138357544],
  ['vgg19 (Z-24)', vgg19(), large, 143667240],
  ['vgg11 with batch normalisation (Z-25)', vgg11({ batchNorm: true }), large, 132868840],
  ['vgg19 with batch normalisation (Z-25)', vgg19({ batchNorm: true }), large, 143678248],
  ['vgg11 for small images', vgg11({ ...cifar, batchNorm: true }), small, 9231114],
  ['mobilenetV2 (Z-45)', mobilenetV2(), large, 3504872],
  ['mobilenetV2 of width 0.25', mobilenetV2({ width: 0.25 }), large, 1519112],
  ['mobilenetV2 of width 0.35', mobilenetV2({ width: 0.35 }), large, 1677128],
  ['mobilenetV2 of width 0.75', mobilenetV2({ width: 0.75 }), large, 2636424],
  ['mobilenetV2 of width 1.4', mobilenetV2({ width: 1.4 }), large, 6108776],
  ['mobilenetV2 for small images', mobilenetV2(cifar), small, 2236682],
  ['squeezenet (Z-43)', squeezenet(), large, 1235496],
];

test.each(counts)('parameters of %s', (_, network, image, count) => {
  expect(parameterCount(network, image)).toBe(count);
});

interface NetworkCase {
  readonly name: string;
  readonly call: string;
  readonly options: never;
  readonly inputs: readonly [Recipe, Recipe];
  /** Shapes in the order of declaration. */
  readonly parameters: readonly (readonly number[])[];
  readonly inference: Answer;
  readonly training: Answer;
  readonly loss: number;
  readonly rate: number;
  readonly gradientNorms: readonly number[];
  readonly afterStep: Answer;
}

const networks: Readonly<Record<string, (options: never) => Layer>> = {
  resnet,
  bottleneckResnet: (options: object) =>
    resnet({ ...(options as Parameters<typeof resnet>[0]), block: bottleneckBlock }),
  vgg11,
  vgg16,
  mobilenetV2,
  squeezenet,
};

const single = (recipe: Pick<Recipe, 'shape' | 'fill' | 'seed'>, scale = 1): Tensor =>
  tensor(
    Float32Array.from(make({ limit: 0, values: [], ...recipe }).data, (value) => value * scale),
    recipe.shape,
  );

/** The numbers that the generator gives to the `index`-th parameter, or to a running statistic. */
function numbersFor(path: string, shape: readonly number[], index: number, gain: number): Tensor {
  const seed = 1000 + index;
  if (shape.length > 1) {
    return single({ shape, fill: 'noise', seed }, (gain / sizeOf(shape.slice(0, -1))) ** 0.5);
  }
  return path.endsWith('gamma')
    ? single({ shape, fill: 'positive', seed })
    : single({ shape, fill: 'noise', seed }, 1 / 8);
}

function statisticFor(path: string, shape: readonly number[], index: number): Tensor {
  const isMean = path.endsWith('mean');
  return single({ shape, fill: isMean ? 'noise' : 'positive', seed: 5000 + index }, isMean ? 1 / 8 : 1);
}

/** Writes the generator's numbers into everything that the model has declared; returns the paths of its parameters. */
function fillSession(session: Session, { parameters }: NetworkCase): string[] {
  const declared = session.declarations();
  const trained = declared.filter(({ role }) => role === 'parameter');
  expect(trained.map(({ shape }) => shape)).toEqual(parameters);
  const gain = declared.length > trained.length ? 1 : 1.5; // with running statistics activations stay in range anyway
  trained.forEach(({ path, shape }, i) => {
    session.write(path, numbersFor(path, shape, i, gain));
  });
  declared
    .filter(({ role }) => role === 'state')
    .forEach(({ path, shape }, i) => {
      session.write(path, statisticFor(path, shape, i));
    });
  return trained.map(({ path }) => path);
}

function expectAnswer(actual: Tensor | undefined, answer: Answer, tolerance: Tolerance): void {
  expect(actual?.shape).toEqual(answer.shape);
  const kept = thinned(actual?.data ?? [], answer);
  expectClose({ shape: [kept.length], data: kept }, { shape: [kept.length], data: answer.values }, tolerance);
}

const norm = ({ data }: Tensor): number => Math.sqrt(Array.from(data).reduce((sum, value) => sum + value * value, 0));

const LOGITS: Tolerance = { absolute: 1e-4, relative: 1e-4 };
/** Of gradients through many layers: an activation near its threshold may fall on the other side in float32. */
const SLOPES: Tolerance = { absolute: 1e-3, relative: 1e-2 };
const UPDATED: Tolerance = { absolute: 1e-3, relative: 1e-3 };

describe('small networks', () => {
  const { oracle, cases } = golden('networks') as unknown as { oracle: string; cases: readonly NetworkCase[] };

  test.each(cases.map((golden): [string, NetworkCase] => [golden.name, golden]))(
    `equal those of ${oracle}: %s`,
    async (_, golden) => {
      const network = (networks[golden.call] as (options: never) => Layer)(golden.options);
      const session = new Session(layers.sequential(network, layers.tap('logits')), {
        loss: losses.crossEntropy(),
        optimizer: optimizers.sgd({ rate: golden.rate }),
      });
      const input = single(golden.inputs[0]);
      const target = tensor(Int32Array.from(make(golden.inputs[1]).data));
      await session.run(input); // declares the parameters
      const paths = fillSession(session, golden);
      expectAnswer(await session.run(input), golden.inference, LOGITS);
      const compiled = await session.compileForInference(input);
      expectAnswer((await compiled.predict(input)) as Tensor, golden.inference, LOGITS);
      compiled.dispose();

      const fetch = ['logits', ...paths.map((path) => `gradient of ${path}`)];
      const program = await session.trainingProgram(fedSource(input, target), { fetch });
      const { outputs } = await program.run({ input, target });
      expectAnswer(outputs.logits, golden.training, LOGITS);
      expectClose({ shape: [], data: outputs.loss?.data ?? [] }, { shape: [], data: [golden.loss] }, F32);
      const norms = paths.map((path) => norm(outputs[`gradient of ${path}`] as Tensor));
      const shape = [norms.length];
      expectClose({ shape, data: norms }, { shape, data: golden.gradientNorms }, SLOPES);
      expectAnswer(await session.run(input), golden.afterStep, UPDATED);
      session.dispose();
    },
  );
});

describe('structure', () => {
  const pathsOf = (network: Layer, image: readonly number[]) =>
    Object.keys(traced(network, [2, ...image]).shapes).filter((path) => path.endsWith('weight'));

  test('parameters stand under the parts of the network', () => {
    expect(pathsOf(resnet({ ...cifar, stages: [1, 1], filters: 4 }), small)).toEqual([
      'stem.conv2d.weight',
      'stage1.residual.conv2d.weight',
      'stage1.residual.conv2d2.weight',
      'stage2.residual.conv2d.weight',
      'stage2.residual.conv2d2.weight',
      'stage2.residual.shortcut.conv2d.weight',
      'head.dense.weight',
    ]);
    expect(pathsOf(squeezenet(), large).slice(0, 4)).toEqual([
      'stem.conv2d.weight',
      'stage1.fire.squeeze.conv2d.weight',
      'stage1.fire.expand.narrow.weight',
      'stage1.fire.expand.wide.weight',
    ]);
  });

  test('blocks keep or halve the image (Z-12, Z-14)', () => {
    const shapeOf = (block: Layer) => traced(block, [1, 9, 8, 16]).y.shape;
    expect(shapeOf(basicBlock(16))).toEqual([1, 9, 8, 16]);
    expect(shapeOf(basicBlock(24, { stride: 2 }))).toEqual([1, 5, 4, 24]);
    expect(shapeOf(bottleneckBlock(8, { stride: 2 }))).toEqual([1, 5, 4, 32]);
    expect(shapeOf(invertedResidual(16))).toEqual([1, 9, 8, 16]);
    expect(shapeOf(invertedResidual(24, { stride: 2, expansion: 1 }))).toEqual([1, 5, 4, 24]);
    expect(shapeOf(fire(4, 8))).toEqual([1, 9, 8, 16]);
  });

  test.each<[string, Layer, readonly number[]]>([
    ['resnet20', resnet20(), [8, 17, 28, 33]],
    ['mobilenetV2', mobilenetV2(cifar), [8, 17, 28, 33]],
    ['vgg11', vgg11(cifar), [17, 28, 33]],
    ['vgg11 with hidden layers', vgg11({ classes: 10 }), [32, 65]],
    ['squeezenet', squeezenet({ classes: 10 }), [25, 32, 64]],
  ])('%s takes images of many sizes', (_, network, sides) => {
    for (const side of sides) expect(traced(network, [2, side, side, 1], false).y.shape).toEqual([2, 10]);
  });
});

describe('misuse', () => {
  const unknown = { nonsense: 1 } as never;
  const refusals: [string, () => unknown, ConvoltError['code'], string][] = [
    ['resnet', () => resnet18(unknown), 'OPTION', "'nonsense'"],
    ['vgg16', () => vgg16(unknown), 'OPTION', "'nonsense'"],
    ['mobilenetV2', () => mobilenetV2(unknown), 'OPTION', "'nonsense'"],
    ['squeezenet', () => squeezenet(unknown), 'OPTION', "'nonsense'"],
    ['basicBlock', () => basicBlock(8, unknown), 'OPTION', "'nonsense'"],
    ['bottleneckBlock', () => bottleneckBlock(8, unknown), 'OPTION', "'nonsense'"],
    ['invertedResidual', () => invertedResidual(8, unknown), 'OPTION', "'nonsense'"],
    ['vgg11', () => vgg11({ form: 'large' as never }), 'OPTION', "'large'"],
    ['mobilenetV2', () => mobilenetV2({ width: 0 }), 'VALUE', 'above 0'],
    ['resnet', () => resnet({ stages: [] }), 'VALUE', 'stages'],
    ['resnet', () => resnet({ stages: [2, 0] }), 'VALUE', 'blocks of stage 2'],
    ['invertedResidual', () => traced(invertedResidual(8), [2, 3]), 'SHAPE', '[N, H, W, C]'],
  ];

  test.each(refusals)('%s refuses it, case %#', (where, work, code, words) => {
    let error: ConvoltError | undefined;
    try {
      work();
    } catch (thrown) {
      error = thrown as ConvoltError;
    }
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(where);
    expect(error?.message).toContain(words);
  });
});
