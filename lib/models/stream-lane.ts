/** The programs and slots of one batch size of a streaming model, in which its streams take turns. */
import type { ProgramSpec } from '../compiler/compile';
import type { Update } from '../compiler/order';
import { instantiate, type Template, valueAt } from '../compiler/template';
import type { Tensor, TensorType } from '../graph/tensor';
import type { Value } from '../graph/value';
import { state } from '../ops/source';
import { Program } from '../runtime/program';
import type { Store } from '../runtime/store';

/** Numbers by the path of what is carried. */
export type CarriedNumbers = Readonly<Record<string, Tensor>>;

/** Who takes turns in a lane. */
export interface Passenger {
  /** What it carries while another one has the slots. */
  parked: CarriedNumbers;
}

/** One call of the model as values: from what it is given to its outputs and what the next call goes on from. */
export interface Call {
  readonly feeds: readonly Value[];
  readonly outputs: Readonly<Record<string, Value>>;
  readonly updates: readonly Update[];
}

export class StreamLane {
  private readonly programs = new Map<string, Program>();
  private readonly slots: ReadonlyMap<string, Value>;
  private owner?: Passenger;
  private beginning?: Promise<CarriedNumbers>;

  /** @param types of what is carried, by path */
  constructor(
    private readonly store: Store,
    private readonly template: Template,
    readonly types: Readonly<Record<string, TensorType>>,
    readonly batch: number,
  ) {
    this.slots = new Map(Object.entries(types).map(([path, type]) => [path, this.slot(`carried:${path}`, type)]));
  }

  /** A state of this lane beside what the model carries. */
  slot(name: string, type: TensorType): Value {
    const path = `${this.batch} ${name}`;
    this.store.declare(path, type);
    return state(path, type.shape, type.dtype);
  }

  /** Overwrites a state that `slot` gave. */
  write(slot: Value, tensor: Tensor): void {
    this.store.write(slot.name as string, tensor);
  }

  read(slot: Value): Tensor {
    return this.store.read(slot.name as string);
  }

  /** One call, with values of the caller's own in the place of some inputs. */
  call(given: ReadonlyMap<string, Value> = new Map()): Call {
    const carried = [...this.slots].map(([path, slot]) => [`carried:${path}`, slot] as const);
    const values = instantiate(this.template, this.batch, new Map([...carried, ...given]));
    const output = (name: string) => valueAt(values, this.template.outputs[name] as readonly [number, number]);
    const names = Object.keys(this.template.outputs).filter((name) => !/^(initial|next):/.test(name));
    return {
      feeds: this.template.nodes.flatMap(({ op, attributes: { name } }, i) =>
        op === 'feed' && !given.has(name as string) && !`${name}`.startsWith('carried:')
          ? (values[i] as readonly Value[])
          : [],
      ),
      outputs: Object.fromEntries(names.map((name) => [name, output(name)])),
      updates: [...this.slots].map(([path, slot]) => ({ state: slot, next: output(`next:${path}`) })),
    };
  }

  /** The program under `key`, made at its first use. */
  program(key: string, make: () => ProgramSpec): Program {
    const known = this.programs.get(key);
    if (known) return known;
    const made = new Program(this.store, make());
    this.programs.set(key, made);
    return made;
  }

  /** What sequences begin with. */
  initial(): Promise<CarriedNumbers> {
    this.beginning ??= this.computeInitial();
    return this.beginning;
  }

  /** Gives the slots to `passenger`. Not while a run is in flight. */
  enter(passenger: Passenger): void {
    if (this.owner === passenger) return;
    if (this.owner) this.owner.parked = this.numbers();
    for (const [path, slot] of this.slots) this.write(slot, passenger.parked[path] as Tensor);
    this.owner = passenger;
  }

  /** What `passenger` carries; a copy. Not while a run is in flight. */
  carriedBy(passenger: Passenger): CarriedNumbers {
    return this.owner === passenger ? this.numbers() : { ...passenger.parked };
  }

  /** Replaces what `passenger` carries. */
  load(passenger: Passenger, numbers: CarriedNumbers): void {
    this.leave(passenger);
    passenger.parked = numbers;
  }

  /** Forgets `passenger`. */
  leave(passenger: Passenger): void {
    if (this.owner === passenger) this.owner = undefined;
  }

  dispose(): void {
    for (const program of this.programs.values()) program.dispose();
    this.programs.clear();
    this.owner = undefined;
  }

  private numbers(): CarriedNumbers {
    return Object.fromEntries([...this.slots].map(([path, slot]) => [path, this.read(slot)]));
  }

  private async computeInitial(): Promise<CarriedNumbers> {
    const values = instantiate(this.template, this.batch);
    const outputs = Object.keys(this.types).map((path) => {
      const at = this.template.outputs[`initial:${path}`] as readonly [number, number];
      return [path, valueAt(values, at)];
    });
    const program = new Program(this.store, { outputs: Object.fromEntries(outputs) });
    try {
      return (await program.run()).outputs;
    } finally {
      program.dispose();
    }
  }
}
