/** Values that are bound to one code: sets that are joined. */
import type { Value } from '../graph/value';

export class SharedCodes {
  private readonly parents = new Map<Value, Value>();

  /** The value that stands for all that share its code. */
  root(value: Value): Value {
    const parent = this.parents.get(value);
    return parent ? this.root(parent) : value;
  }

  join(a: Value, b: Value): void {
    const [first, second] = [this.root(a), this.root(b)];
    if (first !== second) this.parents.set(second, first);
  }
}
