/**
 * Attaches fused groups to the kernels that they follow: where a group reads the output of a kernel that can hand it out
 * range by range, and no other work lies between, the two become one step, and the group meets the output in the cache.
 */
import { sameShape } from '../graph/tensor';
import type { Value } from '../graph/value';
import { type Step, storageOf } from './step';

/** The output that a kernel hands out range by range, if it does. */
const handedOut = (step: Step): Value | undefined => (step.members[0]?.op.tail ? step.outputs[0] : undefined);

/** True when `group` walks over `output` and reads it at no other position than its own. */
function follows(group: Step, output: Value): boolean {
  if (!group.walks || !sameShape(group.walks, output.shape)) return false;
  const reads = group.inputs.filter((input) => storageOf(input) === output);
  return reads.length > 0 && reads.every((input) => sameShape(input.shape, output.shape));
}

/** The kernel and the group as one step; `only` says that nothing but the group needs the kernel's output. */
function join(kernel: Step, group: Step, only: boolean): Step {
  const output = kernel.outputs[0] as Value;
  const isOutput = (input: Value | undefined) => input !== undefined && storageOf(input) === output;
  const place = only
    ? group.outputs.find((_, o) => group.inPlace.some(([at, input]) => at === o && isOutput(group.inputs[input])))
    : undefined;
  const others = group.inputs.filter((input) => !isOutput(input));
  const readByKernel = new Set(kernel.inputs.map(storageOf));
  return {
    kernel: kernel.kernel,
    inputs: [...kernel.inputs, ...others],
    outputs: [...group.outputs, ...kernel.outputs.filter((value) => value !== output || !place)],
    attributes: [],
    label: `${kernel.label}, ${group.label}`,
    members: [...kernel.members, ...group.members],
    inPlace: group.inPlace.flatMap(([at, input]): [number, number][] => {
      const operand = group.inputs[input] as Value;
      if (group.outputs[at] === place || isOutput(operand) || readByKernel.has(storageOf(operand))) return [];
      return [[at, kernel.inputs.length + others.indexOf(operand)]];
    }),
    parts: [kernel, { ...group, label: `+ ${group.label}` }],
    ...(place && { shared: [output, place] as const }),
  };
}

class Attacher {
  readonly steps: Set<Step>;
  private readonly producerOf = new Map<Value, Step>();
  private readonly usersOf = new Map<Value, Set<Step>>();

  constructor(
    steps: readonly Step[],
    private readonly roots: ReadonlySet<Value>,
    private readonly written: ReadonlySet<Value>,
  ) {
    this.steps = new Set(steps);
    for (const step of steps) this.enter(step);
  }

  private enter(step: Step): void {
    for (const output of step.outputs) this.producerOf.set(output, step);
    for (const storage of step.inputs.map(storageOf)) {
      const users = this.usersOf.get(storage);
      if (users) users.add(step);
      else this.usersOf.set(storage, new Set([step]));
    }
  }

  /** Steps whose results `step` reads. */
  private *before(step: Step): Iterable<Step> {
    for (const input of step.inputs) {
      const producer = this.producerOf.get(storageOf(input));
      if (producer) yield producer;
    }
  }

  /** True when `group` needs work that needs `kernel`. */
  private separated(kernel: Step, group: Step): boolean {
    const pending = [...this.before(group)].filter((step) => step !== kernel);
    const seen = new Set<Step>(pending);
    for (let step = pending.pop(); step; step = pending.pop()) {
      if (step === kernel) return true;
      for (const earlier of this.before(step)) {
        if (seen.has(earlier)) continue;
        seen.add(earlier);
        pending.push(earlier);
      }
    }
    return false;
  }

  /** Joins the kernel with the first group that qualifies. */
  attach(kernel: Step): void {
    const output = handedOut(kernel);
    if (!output) return;
    const users = this.usersOf.get(output) ?? new Set();
    for (const group of users) {
      const writesState = group.outputs.some((value) => this.written.has(value));
      if (writesState || group.parts || !follows(group, output) || this.separated(kernel, group)) continue;
      const joined = join(kernel, group, users.size === 1 && !this.roots.has(output));
      for (const part of [kernel, group]) {
        this.steps.delete(part);
        for (const storage of part.inputs.map(storageOf)) this.usersOf.get(storage)?.delete(part);
      }
      this.steps.add(joined);
      this.enter(joined);
      return;
    }
  }
}

/**
 * Joins kernels and the groups that follow them.
 *
 * @param steps in the order in which they were traced, where that is known
 * @param roots values that are needed after the last step
 * @param written new values of states: they are written last, so that a group that gives one stays a step of its own
 */
export function attach(steps: readonly Step[], roots: ReadonlySet<Value>, written: ReadonlySet<Value>): Step[] {
  const storages = (values: ReadonlySet<Value>) => new Set([...values].map(storageOf));
  const attacher = new Attacher(steps, storages(roots), storages(written));
  // The kernel that runs last takes a group that several could take: all that the group reads is there by then.
  for (const step of [...steps].reverse()) attacher.attach(step);
  return [...attacher.steps];
}
