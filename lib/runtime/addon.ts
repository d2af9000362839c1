/** Loads the native core, and turns its errors into Convolt's. */
import { ConvoltError, type ErrorCode, usersFrames } from '../graph/errors';
import { expectWhole } from '../graph/whole';
import { loadBinary } from './binary';

/** What this machine and this build offer. */
export interface NativeInfo {
  /** Instruction set in use: `generic`, `avx2`, `avx512`, `avx512vnni` or `neon`. `CONVOLT_ISA` forces one. */
  readonly isa: string;
  readonly features: readonly string[];
  /** Compute threads in use. */
  readonly threads: number;
  /** Processors that this process may use (affinity and cgroup quota respected). */
  readonly hardwareThreads: number;
  readonly blas: string;
  readonly version: string;
}

export interface NativeStore {
  declare(dtype: number, shape: readonly number[]): number;
  write(slot: number, view: ArrayBufferView, byteOffset: number): void;
  read(slot: number, view: ArrayBufferView, byteOffset: number): void;
  seal(slot: number): void;
  release(slot: number): void;
  readonly bytes: number;
  readonly busy: boolean;
  dispose(): void;
}

export interface NativeProgram {
  run(feeds: readonly ArrayBufferView[], fetches: readonly ArrayBufferView[], iterations: number): Promise<number>;
  /** The same on this thread, which waits for it. */
  runNow(feeds: readonly ArrayBufferView[], fetches: readonly ArrayBufferView[], iterations: number): number;
  abort(): void;
  profile(): { label: string; nanoseconds: number; calls: number }[];
  readonly arenaBytes: number;
  dispose(): void;
}

export type NativeRoutine = (
  sizes: readonly number[],
  inputs: readonly Float64Array[],
  outputs: readonly Float64Array[],
) => void;

export interface Addon {
  /** That of the package for which it was built. */
  readonly version: string;
  info(): NativeInfo;
  setThreads(count: number): void;
  nativeBytes(): number;
  opcodeNames(): string[];
  kernelNames(): string[];
  reductionNames(): string[];
  /** Linear algebra: each of sizes, inputs and outputs, which have the lengths that the sizes say. */
  svd: NativeRoutine;
  symmetricEigen: NativeRoutine;
  cholesky: NativeRoutine;
  leastSquares: NativeRoutine;
  triangularSolve: NativeRoutine;
  fourier: NativeRoutine;
  NativeStore: new () => NativeStore;
  NativeProgram: new (
    store: NativeStore,
    words: Float64Array,
    names: readonly string[],
    labels: readonly string[],
    constants: Uint8Array,
  ) => NativeProgram;
}

let loaded: Addon | undefined;

/**
 * The native core.
 *
 * @throws ConvoltError `NATIVE` when no binary fits this machine
 */
export function addon(): Addon {
  loaded ??= loadBinary() as Addon;
  return loaded;
}

/** The native core's error as Convolt's (with the iterations that were completed before it), made on `origin` so that the stack shows the caller. */
export function fromNative(error: unknown, origin?: Error): ConvoltError {
  const { code, message, iterations } = error as { code?: ErrorCode; message: string; iterations?: number };
  const made = new ConvoltError(code ?? 'NATIVE', message, { cause: error });
  if (iterations !== undefined) Object.assign(made, { iterations });
  if (origin?.stack) made.stack = usersFrames(origin.stack.replace(/^.*/, `ConvoltError: ${message}`));
  return made;
}

/** Runs a native call and turns what it throws into a ConvoltError. */
export function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof ConvoltError ? error : fromNative(error);
  }
}

/** What this machine and this build offer. */
export const info = (): NativeInfo => native(() => addon().info());

/**
 * Sets the number of compute threads of the process. Results do not depend on it.
 *
 * @throws ConvoltError `VALUE` unless `count` is a whole number between 1 and 1024; `BUSY` during a run
 */
export function setThreads(count: number): void {
  expectWhole('setThreads', 'the number of threads', count, 1);
  native(() => addon().setThreads(count));
}

/**
 * Bytes of native memory that sessions, models and programs hold now, those of all worker threads included. What is
 * disposed counts no longer. `process.memoryUsage().external` holds those of its own thread.
 *
 * @throws ConvoltError `NATIVE` when no binary fits this machine
 * @example console.log(`${(nativeBytes() / 1e6).toFixed(1)} MB`);
 */
export const nativeBytes = (): number => addon().nativeBytes();
