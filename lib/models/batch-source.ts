/** Where a step's batch comes from: fed with every call, or gathered natively from a dataset that lives in the store. */
import type { Scope } from '../graph/scope';
import { named, type Value } from '../graph/value';
import { gather } from '../ops/gather';
import { feed, state } from '../ops/source';
import type { Executor } from '../runtime/executor';
import { feedsFor, type InputData, type ModelInput, mapInput, signatureOf, tensorsOf } from './model';

/** A batch as values, with the feeds that each step needs. */
export interface Batch {
  readonly feeds: readonly Value[];
  readonly input: ModelInput;
  readonly target: ModelInput;
}

/** Changes the input of every training batch at random: data augmentation. */
// biome-ignore lint/suspicious/noExplicitAny: a change of one input and a change of named inputs are both changes
export type Augment = (input: any, key: Value) => ModelInput;

/** Makes batches for a program; `signature` tells apart sources that need different programs. */
export interface BatchSource {
  readonly signature: string;
  batch(scope: Scope): Batch;
}

/** Batches that every call brings along. */
export function fedSource(input: InputData, target: InputData): BatchSource {
  const types = { ...tensorsOf('input', input), ...tensorsOf('target', target) };
  return {
    signature: signatureOf(types),
    batch: () => {
      const inputs = feedsFor('input', input);
      const targets = feedsFor('target', target);
      return { feeds: [...inputs.feeds, ...targets.feeds], input: inputs.value, target: targets.value };
    },
  };
}

/** The path in the store of one part of a resident dataset. */
const pathOf = (name: string, part: string): string => `data:${name}.${part}`;

/**
 * Batches of a dataset that `makeResident` put under `name`: rows picked by a feed `index` of `size` row numbers. One
 * name goes with one `augment`.
 */
export function residentSource(
  name: string,
  input: InputData,
  target: InputData,
  size: number,
  augment?: Augment,
): BatchSource {
  const types = { ...tensorsOf('input', input), ...tensorsOf('target', target) };
  return {
    signature: `${name} ${size} ${signatureOf(types)}`,
    batch: (scope) => {
      const index = feed('index', [size], 'int32');
      const pick = ({ shape, dtype }: Value, part: string) =>
        named(part, gather(state(pathOf(name, part), shape, dtype), index));
      const picked = mapInput(feedsFor('input', input).value, pick, 'input');
      return {
        feeds: [index],
        input: augment ? scope.child('augment', (inner) => augment(picked, inner.key())) : picked,
        target: mapInput(feedsFor('target', target).value, pick, 'target'),
      };
    },
  };
}

/** Copies a dataset into the store, once per name and numbers. */
export function makeResident(executor: Executor, name: string, input: InputData, target: InputData): void {
  for (const [part, tensor] of Object.entries({ ...tensorsOf('input', input), ...tensorsOf('target', target) })) {
    executor.store.declare(pathOf(name, part), tensor);
    executor.store.write(pathOf(name, part), tensor);
  }
}

/** Frees a resident dataset and the programs that read it. */
export function releaseResident(executor: Executor, name: string): void {
  if (executor.disposed) return;
  const prefix = pathOf(name, '');
  executor.drop((program) => program.plan.states.some((read) => read.name.startsWith(prefix)));
  for (const path of executor.store.paths()) if (path.startsWith(prefix)) executor.store.release(path);
}
