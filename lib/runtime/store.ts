/** The store: everything that survives from step to step, by path. Its memory is native and counted. */
import { complaint, expect } from '../graph/errors';
import {
  allocate,
  dtypes,
  sameShape,
  showType,
  sizeOf,
  type Tensor,
  type TensorType,
  type TypedArray,
} from '../graph/tensor';
import { addon, type NativeStore, native } from './addon';

interface Entry extends TensorType {
  readonly slot: number;
}

/** The native memory of states, by path: parameters, moments, running statistics and random keys. */
export class Store {
  /** The native half; programs bind to it. */
  readonly native: NativeStore = native(() => new (addon().NativeStore)());
  private readonly entries = new Map<string, Entry>();
  /** Slots to be freed as soon as no run is in flight. */
  private stale: number[] = [];
  private freed = false;

  /** True after dispose(). */
  get disposed(): boolean {
    return this.freed;
  }

  /** Throws `DISPOSED` after dispose(). */
  assertUsable(): void {
    expect(!this.freed, 'DISPOSED', () => ({
      where: 'store',
      what: 'the session',
      expected: 'in use',
      actual: 'one that was disposed',
    }));
  }

  has(path: string): boolean {
    return this.entries.has(path);
  }

  paths(): string[] {
    return [...this.entries.keys()];
  }

  typeOf(path: string): TensorType {
    return this.entry(path);
  }

  /** The native slot of a state. */
  slotOf(path: string): number {
    return this.entry(path).slot;
  }

  /** Makes room for a state, zeroed. Declaring it again with the same type changes nothing. */
  declare(path: string, type: TensorType): void {
    this.assertUsable();
    const earlier = this.entries.get(path);
    if (earlier) {
      this.expectType(path, earlier, type);
      return;
    }
    this.sweep();
    const slot = native(() => this.native.declare(dtypes.indexOf(type.dtype), type.shape));
    this.entries.set(path, { slot, dtype: type.dtype, shape: [...type.shape] });
  }

  /** A copy of a state. */
  read(path: string): Tensor {
    this.assertUsable();
    const { slot, dtype, shape } = this.entry(path);
    const data = allocate(dtype, sizeOf(shape));
    native(() => this.native.read(slot, data, 0));
    return { dtype, shape, data };
  }

  /** Overwrites a state. */
  write(path: string, tensor: Tensor): void {
    this.assertUsable();
    const entry = this.entry(path);
    this.expectType(path, entry, tensor);
    native(() => this.native.write(entry.slot, tensor.data as TypedArray, 0));
  }

  /** Makes a state a constant of the programs that are made from now on: kernels may prepare it, nothing writes it. */
  seal(path: string): void {
    this.assertUsable();
    const { slot } = this.entry(path);
    native(() => this.native.seal(slot));
  }

  /** Frees one state, after the run in flight if there is one; programs that use it cannot run any more. */
  release(path: string): void {
    this.assertUsable();
    this.stale.push(this.slotOf(path));
    this.entries.delete(path);
    this.sweep();
  }

  /** Bytes of all states. */
  get bytes(): number {
    return this.native.bytes;
  }

  /** Frees the memory at once. A run in flight finishes first. */
  dispose(): void {
    if (this.freed) return;
    this.freed = true;
    this.native.dispose();
  }

  /** What `using` calls: `dispose()`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  private sweep(): void {
    if (this.native.busy) return;
    for (const slot of this.stale) native(() => this.native.release(slot));
    this.stale = [];
  }

  private entry(path: string): Entry {
    const entry = this.entries.get(path);
    if (entry) return entry;
    const known = this.paths().slice(0, 8).join(', ');
    throw complaint('STATE', { where: 'store', what: 'the path', expected: `one of ${known}`, actual: `'${path}'` });
  }

  private expectType(path: string, entry: TensorType, type: TensorType): void {
    expect(entry.dtype === type.dtype && sameShape(entry.shape, type.shape), 'STATE', () => ({
      where: path,
      what: 'the state',
      expected: showType(entry),
      actual: showType(type),
    }));
  }
}
