// Writes inputs of the native fuzz targets: the plans of every op case and of small sessions, and each of their steps.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './command.mjs';

const load = createRequire(join(root, 'dist', 'package.json'));
const planning = load('./lib/compiler/plan.js');
const { dtypes } = load('./lib/graph/tensor.js');
const { addon } = load('./lib/runtime/addon.js');
const kernels = addon().kernelNames();

const pair = (value) => [value & 0xff, (value >> 8) & 0xff];
const half = 2 ** 30;

/** A number as native/fuzz/input.h reads it. */
function word(value) {
  const bytes = Buffer.alloc(4);
  if (Number.isInteger(value) && value >= -half && value < half) bytes.writeInt32LE(value);
  else {
    bytes.writeFloatLE(value);
    bytes.writeUInt32LE((bytes.readUInt32LE() >>> 1) + half);
  }
  return [...bytes];
}

const words = (numbers) => [...pair(numbers.length), ...[...numbers].flatMap(word)];
const type = ({ dtype, shape }, flags = 0) => [dtypes.indexOf(dtype) | flags, shape.length, ...shape.flatMap(pair)];

function isWritten(plan, state) {
  return plan.steps.some(({ outputs }) =>
    outputs.some((at) => plan.buffers[at].region === 'state' && plan.buffers[at].location === state),
  );
}

function planInput(plan) {
  const encoded = encodePlan(plan, (state) => plan.states.indexOf(state));
  const slots = plan.states.flatMap((state, i) => type(state, isWritten(plan, i) ? 0 : 8));
  const names = encoded.names.map((name) => kernels.indexOf(name));
  const head = [plan.states.length, ...slots, names.length, ...names, ...words(encoded.words)];
  return Buffer.concat([Buffer.from(head), encoded.constants]);
}

/** A step with half of its inputs constant: what kernels prepare is to be seen too. */
function stepInput({ buffers }, { kernel, inputs, outputs, attributes }, constants) {
  const types = (list) => [list.length, ...list.flatMap((at) => type(buffers[at]))];
  return Buffer.from([
    kernels.indexOf(kernel),
    ...pair(constants),
    ...types(inputs),
    ...types(outputs),
    ...words(attributes),
    ...Buffer.from(Float32Array.of(0.5, -1, 2, 0, 1.25).buffer),
  ]);
}

function write(target, bytes) {
  const folder = join(root, 'build-fuzz', 'seeds', target);
  mkdirSync(folder, { recursive: true });
  if (bytes.length > 65536) return;
  writeFileSync(join(folder, createHash('sha1').update(bytes).digest('hex')), bytes);
}

const { encodePlan } = planning;
planning.encodePlan = (plan, slotOf) => {
  if (plan.states.length <= 16) write('plan', planInput({ ...plan, constants: plan.constants }));
  for (const step of plan.steps) for (const constants of [0, 0xfffe]) write('kernel', stepInput(plan, step, constants));
  return encodePlan(plan, slotOf);
};

async function main() {
  const { cases, buildCase } = load('./test/cases/index.js');
  const { Program } = load('./lib/runtime/program.js');
  const { Store } = load('./lib/runtime/store.js');
  for (const each of cases) {
    const { inputs, outputs } = buildCase(each);
    const named = Object.fromEntries(outputs.map((output, i) => [`output${i}`, output]));
    try {
      new Program(new Store(), { outputs: named, feeds: inputs }).dispose();
    } catch {
      // a case whose states are declared elsewhere
    }
  }
  const { layers, losses, optimizers, Session, tensor } = load('./lib/index.js');
  const { conv2d, batchNorm, relu, maxPool, flatten, dense, lstm, gru, sequential, dropout } = layers;
  const numbers = (...shape) => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape);
  const models = [
    [sequential(dense(4), relu(), dropout(0.5), dense(3)), numbers(2, 3)],
    [
      sequential(conv2d(4, 3, { padding: 'same' }), batchNorm(), relu(), maxPool(2), flatten(), dense(3)),
      numbers(2, 6, 6, 2),
    ],
    [sequential(lstm({ units: 3 }), dense(3)), numbers(2, 4, 2)],
    [sequential(gru({ units: 3 }), dense(3)), numbers(2, 4, 2)],
  ];
  for (const [model, input] of models) {
    for (const optimizer of [optimizers.sgd({ rate: 0.1 }), optimizers.adam({ rate: 0.1 })]) {
      const session = new Session(model, { loss: losses.crossEntropy(), optimizer, seed: 1 });
      const target = tensor(Int32Array.of(0, 1));
      try {
        await session.step(input, target);
        await session.run(input);
      } catch (error) {
        console.error(error.message);
      }
      session.dispose();
    }
  }
}

await main();
