/** Traces functions, keeps their programs by input signature, and gives new states their first numbers. */
import type { ProgramSpec } from '../compiler/compile';
import { complaint } from '../graph/errors';
import { keyOfSeed } from '../graph/philox';
import { type Carrier, type Declaration, Trace } from '../graph/scope';
import { type TensorType, tensor } from '../graph/tensor';
import type { Value } from '../graph/value';
import { splitKey } from '../ops/random';
import { constant, state } from '../ops/source';
import { Program } from './program';
import { Store } from './store';

/** A traced function: what it computes, and the trace that gathered its states and updates. */
export interface Traced extends Omit<ProgramSpec, 'updates'> {
  readonly trace: Trace;
  /** Runs leave all states, and the random key, as they are. */
  readonly keepsStates?: boolean;
}

/** The path of the random key; every training step replaces it. */
export const randomKeyPath = 'random.key';

const keyShape = [2] as const;

/** Programs that are kept; beyond it the least recently used one is freed, so that ever new shapes do not pile up. */
const maxPrograms = 32;

/** Two 32-bit words that stand for a path, so that its first numbers do not depend on what else is declared (FNV-1a). */
function streamOf(path: string): number {
  let hash = 0x811c9dc5;
  for (const character of path) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  return hash >>> 1;
}

export class Executor {
  readonly store = new Store();
  private readonly programs = new Map<string, Program>();
  /** Every state that a traced program has declared, by path. */
  readonly declarations = new Map<string, Declaration>();

  /** The file that states were loaded from: a parameter that it lacks is an error rather than a fresh start. */
  loadedFrom?: string;

  constructor(readonly seed = 0) {}

  /** The value of the random key, for a trace that draws random numbers. */
  randomKey(): Value {
    return state(randomKeyPath, keyShape, 'int32');
  }

  /** A fresh trace over the ops, which carries sequences on from call to call if it is given a `carrier`. */
  newTrace(training: boolean, carrier?: Carrier): Trace {
    return new Trace({ state, nextKey: splitKey }, training, training ? this.randomKey() : undefined, carrier);
  }

  /**
   * The program under `key`, traced and compiled at the first call. States that it declares and the store lacks get
   * their first numbers.
   */
  async program(key: string, traceFunction: () => Traced): Promise<Program> {
    const known = this.programs.get(key);
    if (known) {
      this.programs.delete(key); // and set again below: the map's order is that of last use
      this.programs.set(key, known);
      return known;
    }
    const { trace, keepsStates = false, ...spec } = traceFunction();
    await this.ensureKey();
    await this.initialize([...trace.declarations.values()]);
    const changes = keepsStates ? [] : [...trace.updates];
    const updates = changes.map(([path, next]) => ({ state: this.valueOf(path, next), next }));
    if (trace.training && !keepsStates) updates.push({ state: this.randomKey(), next: splitKey(this.randomKey(), 0) });
    const program = new Program(this.store, { ...spec, updates });
    this.programs.set(key, program);
    const [oldest] = this.programs.keys();
    if (this.programs.size > maxPrograms) this.drop((candidate) => candidate === this.programs.get(oldest as string));
    return program;
  }

  /** Programs in use, by key. */
  get compiled(): ReadonlyMap<string, Program> {
    return this.programs;
  }

  /** Frees the programs that `unwanted` picks. */
  drop(unwanted: (program: Program) => boolean): void {
    for (const [key, program] of this.programs) {
      if (!unwanted(program)) continue;
      this.programs.delete(key);
      program.dispose();
    }
  }

  /** True after dispose(). */
  get disposed(): boolean {
    return this.store.disposed;
  }

  dispose(): void {
    for (const program of this.programs.values()) program.dispose();
    this.programs.clear();
    this.store.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private valueOf(path: string, like: TensorType): Value {
    return this.declarations.get(path)?.value ?? state(path, like.shape, like.dtype);
  }

  private async ensureKey(): Promise<void> {
    if (this.store.has(randomKeyPath)) return;
    this.store.declare(randomKeyPath, { dtype: 'int32', shape: keyShape });
    this.store.write(randomKeyPath, tensor(keyOfSeed(this.seed)));
  }

  /** Declares states and runs their initializers in one program. */
  private async initialize(declarations: readonly Declaration[]): Promise<void> {
    const missing: Declaration[] = [];
    for (const declaration of declarations) {
      this.declarations.set(declaration.path, declaration);
      if (!this.store.has(declaration.path)) missing.push(this.expectFresh(declaration));
      this.store.declare(declaration.path, declaration);
    }
    await this.runInitializers(missing);
  }

  /** Gives every declared state for which `unwanted` holds, and the random key, its first numbers again. */
  async restart(unwanted: (path: string) => boolean): Promise<void> {
    if (unwanted(randomKeyPath) && this.store.has(randomKeyPath)) {
      this.store.write(randomKeyPath, tensor(keyOfSeed(this.seed)));
    }
    await this.runInitializers([...this.declarations.values()].filter(({ path }) => unwanted(path)));
  }

  private async runInitializers(declarations: readonly Declaration[]): Promise<void> {
    if (declarations.length === 0) return;
    const seed = constant(tensor(keyOfSeed(this.seed)));
    const updates = declarations.map(({ path, shape, value, initializer }) => ({
      state: value,
      next: initializer(shape, splitKey(seed, streamOf(path))),
    }));
    const program = new Program(this.store, { outputs: {}, updates });
    await program.run();
    program.dispose();
  }

  private expectFresh(declaration: Declaration): Declaration {
    if (this.loadedFrom === undefined || declaration.role === 'state') return declaration;
    const { path } = declaration;
    throw complaint('STATE', {
      where: path,
      what: 'the parameter',
      expected: `in ${this.loadedFrom}`,
      actual: 'a file without it',
    });
  }
}
