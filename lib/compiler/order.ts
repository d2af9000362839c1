/**
 * Puts steps into the order in which they run: operands first, otherwise as traced; steps that write states come last,
 * so that an iteration that stops early leaves every state as it was.
 */
import type { Value } from '../graph/value';
import { type Step, storageOf } from './step';

/** A state and the value that it takes at the end of the iteration. */
export interface Update {
  readonly state: Value;
  readonly next: Value;
}

export interface Schedule {
  readonly steps: readonly Step[];
  /** Index of the first step that may write a state. */
  readonly firstWrite: number;
  /** Updates whose step writes the state's memory directly; the others need a copy afterwards. */
  readonly direct: ReadonlySet<Update>;
}

/** When a step was traced: the newest of its nodes. */
const age = (step: Step): number => Math.max(...step.members.map((node) => node.id));

/** Stable topological sort; undefined when the edges form a circle. */
function sorted(steps: readonly Step[], before: (step: Step) => Iterable<Step>): Step[] | undefined {
  const result: Step[] = [];
  const marks = new Map<Step, 'open' | 'done'>();
  const inside = new Set(steps);
  const visit = (step: Step): boolean => {
    const mark = marks.get(step);
    if (mark) return mark === 'done';
    marks.set(step, 'open');
    for (const earlier of before(step)) if (inside.has(earlier) && !visit(earlier)) return false;
    marks.set(step, 'done');
    result.push(step);
    return true;
  };
  return [...steps].sort((a, b) => age(a) - age(b)).every(visit) ? result : undefined;
}

class Dependencies {
  private readonly producerOf = new Map<Value, Step>();
  private readonly usersOf = new Map<Value, Step[]>();

  constructor(readonly steps: readonly Step[]) {
    for (const step of steps) {
      for (const output of step.outputs) this.producerOf.set(output, step);
      for (const storage of new Set(step.inputs.map(storageOf))) {
        const users = this.usersOf.get(storage);
        if (users) users.push(step);
        else this.usersOf.set(storage, [step]);
      }
    }
  }

  producer(value: Value): Step | undefined {
    return this.producerOf.get(value);
  }

  users(value: Value): readonly Step[] {
    return this.usersOf.get(value) ?? [];
  }

  *before(step: Step): Iterable<Step> {
    for (const input of step.inputs) {
      const producer = this.producerOf.get(storageOf(input));
      if (producer) yield producer;
    }
  }
}

/** Steps that only serve updates: they give an updated value and nothing that other work needs. */
function finalSteps(dependencies: Dependencies, updates: readonly Update[], fetched: ReadonlySet<Value>): Set<Step> {
  const final = new Set<Step>();
  for (const { next } of updates) {
    const step = dependencies.producer(next);
    if (step?.kernel === 'elementwise') final.add(step);
  }
  let shrunk = true;
  while (shrunk) {
    shrunk = false;
    for (const step of final) {
      const needed = step.outputs.some(
        (output) => fetched.has(output) || dependencies.users(output).some((user) => !final.has(user)),
      );
      if (needed) {
        final.delete(step);
        shrunk = true;
      }
    }
  }
  return final;
}

/** Updates that their producer can write in place, provided that every other reader of the old state runs before it. */
function directUpdates(dependencies: Dependencies, final: ReadonlySet<Step>, updates: readonly Update[]): Set<Update> {
  const written = new Set<Value>();
  const direct = new Set<Update>();
  for (const update of updates) {
    const step = dependencies.producer(update.next);
    if (!step || !final.has(step) || written.has(update.next)) continue;
    if (update.next.node.op.kind === 'reduction') continue;
    const position = step.outputs.indexOf(update.next);
    const readByItself = step.inputs.flatMap((input, i) => (storageOf(input) === update.state ? [i] : []));
    const samePosition = (i: number) => step.inPlace.some(([output, input]) => output === position && input === i);
    if (!readByItself.every(samePosition)) continue;
    written.add(update.next);
    direct.add(update);
  }
  return direct;
}

/**
 * Orders the steps of a program.
 *
 * @param fetched values that leave the program
 */
export function schedule(steps: readonly Step[], updates: readonly Update[], fetched: ReadonlySet<Value>): Schedule {
  const dependencies = new Dependencies(steps);
  const final = finalSteps(dependencies, updates, fetched);
  const early = steps.filter((step) => !final.has(step));
  const first = sorted(early, (step) => dependencies.before(step)) ?? [];

  const direct = directUpdates(dependencies, final, updates);
  const readersBefore = new Map<Step, Step[]>();
  for (const { state, next } of direct) {
    const writer = dependencies.producer(next) as Step;
    const readers = dependencies.users(state).filter((reader) => reader !== writer);
    readersBefore.set(writer, [...(readersBefore.get(writer) ?? []), ...readers]);
  }
  const before = function* (step: Step) {
    yield* dependencies.before(step);
    yield* readersBefore.get(step) ?? [];
  };
  const last = sorted([...final], before);
  if (last) return { steps: [...first, ...last], firstWrite: first.length, direct };
  // States that exchange their values: every new value is computed aside and copied at the end.
  const plain = sorted([...final], (step) => dependencies.before(step)) ?? [];
  return { steps: [...first, ...plain], firstWrite: first.length + plain.length, direct: new Set() };
}
