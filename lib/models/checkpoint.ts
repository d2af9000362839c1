/** Checkpoints: everything that a session needs to go on, as one safetensors file. */
import { complaint, expect } from '../graph/errors';
import { sameShape, showType, type Tensor } from '../graph/tensor';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import { randomKeyPath } from '../runtime/executor';
import type { Session } from './session';

/** Text entries of a checkpoint's header. */
export type CheckpointInfo = Readonly<Record<string, string>>;

const format = 'convolt';

/** Writes a session's parameters and states to `path`. */
export async function saveCheckpoint(session: Session, path: string, info: CheckpointInfo): Promise<void> {
  const { store, declarations, seed } = session.executor;
  store.assertUsable();
  const paths = [...declarations.keys(), randomKeyPath].filter((name) => store.has(name));
  if (paths.length === 0) {
    throw complaint('STATE', {
      where: 'save',
      what: 'the model',
      expected: 'traced by a step or run',
      actual: 'one without parameters',
    });
  }
  const tensors = new Map(paths.map((name) => [name, store.read(name)]));
  const trained = [...declarations.values()]
    .filter(({ role }) => role === 'parameter')
    .map((parameter) => parameter.path);
  const header = {
    ...info,
    format,
    formatVersion: '1',
    seed: String(seed),
    epochs: String(session.epochs),
    parameters: trained.join(),
  };
  await writeSafetensors(path, tensors, header);
}

/** The whole epochs that a checkpoint's header tells; 0 when it tells none. */
export function epochsOf(path: string, { epochs: told = '0' }: CheckpointInfo): number {
  const epochs = Number(told);
  expect(Number.isSafeInteger(epochs) && epochs >= 0, 'FILE', () => ({
    where: `load ${path}`,
    what: 'the number of epochs',
    expected: 'a whole number of 0 or more',
    actual: `'${told}'`,
  }));
  return epochs;
}

/** Puts the tensors of a file into a session, whether or not its model has been traced yet. */
export async function loadCheckpoint(session: Session, path: string): Promise<CheckpointInfo> {
  const { store, declarations } = session.executor;
  store.assertUsable();
  const { tensors, metadata } = await readSafetensors(path);
  const epochs = epochsOf(path, metadata);
  for (const [name, tensor] of tensors) {
    if (store.has(name)) expectFits(path, name, store.typeOf(name) as Tensor, tensor);
  }
  const missing = [...declarations.values()].filter(
    ({ role, path: name }) => role === 'parameter' && !tensors.has(name),
  );
  if (missing.length) {
    const names = missing.map((parameter) => parameter.path).join(', ');
    throw complaint('STATE', {
      where: `load ${path}`,
      what: 'every parameter',
      expected: 'in the file',
      actual: `a file without ${names}`,
    });
  }
  for (const [name, tensor] of tensors) {
    store.declare(name, tensor);
    store.write(name, tensor);
  }
  await session.executor.restart((name) => !tensors.has(name));
  session.executor.loadedFrom = path;
  session.epochs = epochs;
  return metadata;
}

function expectFits(path: string, name: string, mine: Tensor, loaded: Tensor): void {
  if (mine.dtype === loaded.dtype && sameShape(mine.shape, loaded.shape)) return;
  throw complaint('STATE', { where: `load ${path}`, what: name, expected: showType(mine), actual: showType(loaded) });
}
