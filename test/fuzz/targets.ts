/** The parsers of files, each with files that it reads, its own mutations, and what a user calls. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { data, io, layers, loadInferenceModel, losses, Session, tensor } from '../../lib';
import { readLabels, readRecords } from '../../lib/data/cifar10-images';
import { allocate, sizeOf, type Tensor } from '../../lib/graph/tensor';
import { type Mutation, mutateBytes, mutatePng, mutateSafetensors, mutateText, withinGzip } from './mutate';

export interface FuzzTarget {
  readonly seeds: () => Promise<readonly Uint8Array[]>;
  readonly mutations: readonly Mutation[];
  readonly read: (path: string) => unknown;
}

/** The tests of files have files of every kind; compiled tests lie one folder deeper, and these are not copied. */
const fixtures = [join(__dirname, '../io/fixtures'), join(__dirname, '../../../test/io/fixtures')];

function fixture(name: string): Uint8Array {
  const [here, source] = fixtures as [string, string];
  try {
    return readFileSync(join(here, name));
  } catch {
    return readFileSync(join(source, name));
  }
}

const files =
  (...names: string[]) =>
  async () =>
    names.map(fixture);

const small: readonly Tensor[] = [
  tensor([1, 2, 3, 4, 5, 6], [2, 3]),
  tensor(Int32Array.of(1, -2), [2]),
  tensor(Uint8Array.of(1, 2, 3, 4), [2, 2, 1]),
];

/** What `write` leaves in a file. */
async function written(write: (path: string) => Promise<unknown>): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'convolt-seed-'));
  try {
    await write(join(folder, 'seed'));
    return readFileSync(join(folder, 'seed'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { conv2d, batchNorm, dense, flatten, gru, maxPool, relu, sequential } = layers;

async function models(): Promise<Uint8Array[]> {
  const all: [layers.Layer, Tensor][] = [
    [sequential(dense(4), relu(), dense(2)), tensor(new Float32Array(6), [2, 3])],
    [
      sequential(conv2d(2, 3, { padding: 'same' }), batchNorm(), relu(), maxPool(2), flatten(), dense(2)),
      tensor(new Float32Array(2 * 4 * 4), [2, 4, 4, 1]),
    ],
    [sequential(gru({ units: 2 }), dense(2)), tensor(new Float32Array(2 * 3 * 2), [2, 3, 2])],
  ];
  const made: Uint8Array[] = [];
  for (const [model, input] of all) {
    const session = new Session(model, { seed: 1 });
    await session.run(input);
    const frozen = await session.compileForInference(input);
    made.push(await written((path) => frozen.save(path)));
    frozen.dispose();
    session.dispose();
  }
  return made;
}

const checkpointed = () => new Session(sequential(dense(2)), { loss: losses.squaredError(), seed: 1 });

async function loadCheckpoint(path: string): Promise<void> {
  const session = checkpointed();
  try {
    await session.load(path);
    await session.run(tensor([1, 2, 3], [1, 3]));
  } finally {
    session.dispose();
  }
}

/** Larger inputs are not asked for: they are the caller's to make. */
const mostNumbers = 1 << 16;

/** Loads a model, and asks one that is accepted for the outputs of one example of zeros. */
async function loadModel(path: string): Promise<void> {
  const model = await loadInferenceModel(path);
  try {
    const given: Record<string, Tensor> = {};
    for (const [name, { dtype, shape: open }] of Object.entries(model.inputs)) {
      const shape = open.map((length) => Math.abs(length));
      if (sizeOf(shape) > mostNumbers) return;
      given[name.replace('input.', '')] = { dtype, shape, data: allocate(dtype, sizeOf(shape)) };
    }
    await model.predict('input' in given ? (given.input as Tensor) : given);
  } finally {
    model.dispose();
  }
}

async function checkpoint(): Promise<Uint8Array[]> {
  const session = checkpointed();
  await session.run(tensor([1, 2, 3], [1, 3]));
  const bytes = await written((path) => session.save(path));
  session.dispose();
  return [bytes];
}

const dictionary = Array.from({ length: 24 }, (_, i) => `w${'abcdefgh'[i % 8]}${'klm'[i % 3]}  W AH${i % 3} K`).join(
  '\n',
);

const numpy = ['float32', 'float64', 'int64', 'bool', 'version2', 'fortran'].map((name) => `${name}.npy`);
const pictures = ['gray1', 'gray2', 'gray16', 'gray-alpha', 'rgba', 'palette4', 'palette-beyond', 'interlaced1'];

export const fuzzTargets: Readonly<Record<string, FuzzTarget>> = {
  safetensors: {
    seeds: async () => [
      fixture('python.safetensors'),
      io.encodeSafetensors(new Map(small.map((each, i) => [`t${i}`, each])), { a: 'b' }),
    ],
    mutations: [mutateBytes, mutateText, mutateSafetensors],
    read: io.readSafetensors,
  },
  idx: {
    seeds: async () => small.flatMap((each) => [io.encodeIdx(each), gzipSync(io.encodeIdx(each))]),
    mutations: [mutateBytes, withinGzip(mutateBytes)],
    read: io.readIdx,
  },
  npy: { seeds: files(...numpy), mutations: [mutateBytes, mutateText], read: io.readNpy },
  png: {
    seeds: files(...pictures.map((name) => `${name}.png`)),
    mutations: [mutateBytes, mutatePng, mutatePng],
    read: io.readImage,
  },
  model: { seeds: models, mutations: [mutateSafetensors, mutateSafetensors, mutateBytes], read: loadModel },
  checkpoint: { seeds: checkpoint, mutations: [mutateSafetensors, mutateBytes], read: loadCheckpoint },
  records: {
    seeds: async () => [new Uint8Array(3073), new Uint8Array(6146)],
    mutations: [mutateBytes],
    read: readRecords,
  },
  labels: { seeds: async () => [Buffer.from('[1, 2, 3]')], mutations: [mutateText, mutateBytes], read: readLabels },
  cmudict: {
    seeds: async () => [Buffer.from(dictionary)],
    mutations: [mutateText, mutateBytes],
    read: (path) => data.cmudict({ file: path }),
  },
};
