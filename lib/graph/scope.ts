/** What a layer is given while it is traced: the place where it declares its parameters and states. */
import { complaint, expect, tracingAt } from './errors';
import { isTracingCell } from './loop-trace';
import { type DType, type Shape, sameShape, showShape, showType, type TensorType } from './tensor';
import type { Value } from './value';

/** Gives the first numbers of a parameter: a pure function of the shape and a random key. */
export type Initializer = (shape: Shape, key: Value) => Value;

/** Brings a parameter back to where it is allowed to be: applied to what every update makes of it. */
export type Constraint = (next: Value) => Value;

/** `parameter`: trained. `state`: kept but not trained (running statistics, step counts, moments). */
export type Role = 'parameter' | 'state';

/** One entry of the store, as the trace declared it. */
export interface Declaration extends TensorType {
  readonly path: string;
  readonly role: Role;
  readonly initializer: Initializer;
  readonly value: Value;
  readonly constraint?: Constraint;
}

/** How `Scope` reaches the ops, which stand on a higher floor: given once when a trace begins. */
export interface ScopeOps {
  state(path: string, shape: Shape, dtype: DType): Value;
  nextKey(key: Value, stream: number): Value;
}

/** What a sequence takes along from call to call, e.g. the state of a recurrent layer. */
export interface Carried {
  readonly path: string;
  /** What a sequence begins with. */
  readonly initial: Value;
  /** What this call is given. */
  readonly value: Value;
  /** What the next call is given; `value` until the layer says what. */
  next: Value;
}

/** Makes the value under which a call is given what the one before it has carried. */
export type Carrier = (path: string, initial: Value) => Value;

/** Everything that one trace gathers, shared by all its scopes. */
export class Trace {
  readonly declarations = new Map<string, Declaration>();
  /** The same, by value. */
  readonly declarationOf = new Map<Value, Declaration>();
  /** New values of states at the end of the step, by path. */
  readonly updates = new Map<string, Value>();
  /** Paths of layers by identity. */
  readonly paths = new Map<object, string>();
  /** What is carried from call to call, by path. */
  readonly carried = new Map<string, Carried>();
  /** Scalars that training adds to the loss. */
  readonly penalties: Value[] = [];
  /** What layers have shown, by path. */
  readonly observed = new Map<string, Value>();
  private streams = 0;

  constructor(
    readonly ops: ScopeOps,
    readonly training: boolean,
    /** The random key of this step; undefined where randomness is not allowed. */
    readonly key?: Value,
    /** Given where sequences go on from call to call. */
    readonly carrier?: Carrier,
    /** Dropout drops: while training, and where thinned networks are averaged. */
    readonly drops = training,
  ) {}

  /** A random key for one call site, different from every other of this trace. */
  splitKey(path: string): Value {
    expect(this.key !== undefined, 'STATE', () => ({
      where: path || 'model',
      what: 'a random key',
      expected: 'asked for only while training',
      actual: 'a request without one',
    }));
    return this.ops.nextKey(this.key as Value, ++this.streams);
  }
}

/** The scope of one layer. Paths of nested scopes are joined by dots, as PyTorch's `state_dict` does. */
export class Scope {
  private readonly childCounts = new Map<string, number>();

  constructor(
    private readonly trace: Trace,
    readonly path = '',
    /** True where layers do as in predictions though the rest of the program trains. */
    private readonly settled = false,
  ) {}

  /** True while the training program is traced. Two programs exist; there is no flag at run time. */
  get training(): boolean {
    return this.trace.training && !this.settled;
  }

  /** The same scope for layers that shall do as in predictions, e.g. normalise by running statistics, while all trains. */
  inference(): Scope {
    return new Scope(this.trace, this.path, true);
  }

  /** The scope of the whole model: for what stands at one place, whoever asks for it. */
  get root(): Scope {
    return new Scope(this.trace);
  }

  /** True where dropout drops: while training, and in an ensemble of thinned networks. */
  get drops(): boolean {
    return this.trace.drops && !this.settled;
  }

  /** Adds a scalar to the loss of the training step, e.g. a penalty on activations. Without effect elsewhere. */
  penalize(penalty: Value): void {
    expect(penalty.shape.length === 0, 'SHAPE', () => ({
      where: this.path || 'penalize',
      what: 'the penalty',
      expected: 'a scalar',
      actual: showType(penalty),
    }));
    this.expectOutsideOfCells('a penalty');
    if (this.training) this.trace.penalties.push(penalty);
  }

  /** Shows a value under a name of this layer to whoever traces the model. It costs nothing where nobody asks. */
  observe(name: string, value: Value): void {
    if (!isTracingCell()) this.trace.observed.set(this.pathOf(name), value);
  }

  private expectOutsideOfCells(what: string): void {
    expect(!isTracingCell(), 'STATE', () => ({
      where: this.path || 'model',
      what,
      expected: 'made outside of the cell of a scan, which can pass the value on as a state of the loop',
      actual: 'one in a cell',
    }));
  }

  /** True where sequences go on from call to call: in streams, and in training with the option `stateful`. */
  get carries(): boolean {
    return this.trace.carrier !== undefined;
  }

  /**
   * What a sequence of this layer goes on from: in streams what `carry` gave in the call before (`initial` in the first
   * one), everywhere else `initial` itself. A second one of the same name, e.g. of a layer that is used twice, is
   * another one.
   *
   * @param initial what a sequence begins with [N, ...]; it must not depend on the input
   * @example
   * const before = scope.carried('hidden', ops.broadcastTo(ops.constant(0), [n, units]));
   * const { state, output } = recurrent(x, before);
   * scope.carry(before, state);
   */
  carried(name: string, initial: Value): Value {
    const { carrier, carried } = this.trace;
    if (!carrier) return initial;
    let path = this.pathOf(name);
    for (let use = 2; carried.has(path); ++use) path = this.pathOf(`${name}${use}`);
    const value = carrier(path, initial);
    carried.set(path, { path, initial, value, next: value });
    return value;
  }

  /** Says what the next call goes on from, for a `value` that `carried` gave; does nothing where nothing is carried. */
  carry(value: Value, next: Value): void {
    if (!this.carries) return;
    const carried = [...this.trace.carried.values()].find((candidate) => candidate.value === value);
    if (!carried) {
      throw complaint('STATE', {
        where: this.path || 'carry',
        what: 'the target',
        expected: "a value that 'carried' gave",
        actual: 'another value',
      });
    }
    this.expectSameType('carry', carried.path, value, next);
    carried.next = next;
  }

  private pathOf = (name: string): string => (this.path ? `${this.path}.${name}` : name);

  /**
   * A trained parameter of this layer. Asking again for the same name shares it.
   *
   * @param options.constraint is applied to what every update makes of it, e.g. `(w) => ops.clip(w, -1, 1)`
   */
  param(name: string, shape: Shape, initializer: Initializer, options: { constraint?: Constraint } = {}): Value {
    return this.declare(name, 'parameter', shape, 'float32', initializer, options.constraint);
  }

  /** A state of this layer that the optimizer does not touch. */
  state(name: string, shape: Shape, initializer: Initializer, dtype: DType = 'float32'): Value {
    return this.declare(name, 'state', shape, dtype, initializer);
  }

  /** Sets what `state` shall be after this step. Reads during the step still see the old value. */
  update(state: Value, next: Value): void {
    const declared = this.trace.declarationOf.get(state);
    if (!declared) {
      throw complaint('STATE', {
        where: this.path || 'update',
        what: 'the target',
        expected: 'a declared state',
        actual: 'another value',
      });
    }
    this.expectSameType('update', declared.path, state, next);
    expect(!isTracingCell(), 'STATE', () => ({
      where: `update of ${declared.path}`,
      what: 'an update',
      expected: 'made outside of the cell of a scan, which can pass the value on as a state of the loop',
      actual: 'one in a cell',
    }));
    this.trace.updates.set(declared.path, next);
  }

  private expectSameType(verb: string, path: string, old: Value, next: Value): void {
    expect(sameShape(old.shape, next.shape) && old.dtype === next.dtype, 'SHAPE', () => ({
      where: `${verb} of ${path}`,
      what: 'the new value',
      expected: showType(old),
      actual: showType(next),
    }));
  }

  /** A random key for this call, new in every step. */
  key(): Value {
    return this.trace.splitKey(this.path);
  }

  /**
   * Runs `body` in a nested scope. The second child of one name becomes `name2`, and so on. A child of the same
   * `identity` (the layer object) gets the path of its first use: one layer object used twice shares its parameters.
   */
  child<T>(name: string, body: (scope: Scope) => T, identity?: object): T {
    const path = (identity && this.trace.paths.get(identity)) ?? this.newPath(name);
    if (identity) this.trace.paths.set(identity, path);
    return tracingAt(path, () => body(new Scope(this.trace, path, this.settled)));
  }

  private newPath(name: string): string {
    const count = (this.childCounts.get(name) ?? 0) + 1;
    this.childCounts.set(name, count);
    return this.pathOf(count === 1 ? name : `${name}${count}`);
  }

  private declare(
    name: string,
    role: Role,
    shape: Shape,
    dtype: DType,
    initializer: Initializer,
    constraint?: Constraint,
  ): Value {
    const path = this.pathOf(name);
    const earlier = this.trace.declarations.get(path);
    if (earlier) {
      expect(sameShape(earlier.shape, shape) && earlier.dtype === dtype, 'STATE', () => ({
        where: path,
        what: 'a shared state',
        expected: `${earlier.dtype}${showShape(earlier.shape)} as declared first`,
        actual: `${dtype}${showShape(shape)}`,
      }));
      return earlier.value;
    }
    for (const length of shape) {
      expect(Number.isInteger(length) && length > 0, 'SHAPE', () => ({
        where: path,
        what: 'every size',
        expected: 'a whole number above 0',
        actual: String(length),
        details: { shape: showShape(shape) },
      }));
    }
    const value = this.trace.ops.state(path, shape, dtype);
    const declaration = { path, role, shape, dtype, initializer, value, ...(constraint && { constraint }) };
    this.trace.declarations.set(path, declaration);
    this.trace.declarationOf.set(value, declaration);
    return value;
  }
}
