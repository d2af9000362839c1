/** How tables of what the command line offers are made out of what the namespaces export. */
import { complaint } from '../graph/errors';
import type { Options } from './named';

export type Table<T> = Readonly<Record<string, T>>;
export type Anything = (...given: unknown[]) => unknown;

/** What `attempt` gives; undefined where it throws. */
export function answerOf<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined; // what does not work with these arguments is not offered
  }
}

/** The functions among `exported` that `accept` turns into an entry; asynchronous ones make nothing that training could use. */
export const offered = <T>(exported: object, accept: (make: Anything, name: string) => T | undefined): Table<T> =>
  Object.fromEntries(
    Object.entries(exported).flatMap(([name, make]) => {
      const isMaker = typeof make === 'function' && make.constructor.name !== 'AsyncFunction';
      const entry = isMaker ? answerOf(() => accept(make as Anything, name)) : undefined;
      return entry === undefined ? [] : [[name, entry]];
    }),
  );

/** True when `make` refuses options that it does not know, as every maker of options does. */
export const checksOptions = (make: Anything, options: object): boolean =>
  answerOf(() => make({ ...options, 'no such option': 1 }) ?? true) === undefined;

/** The entry `name`, which knows no options. */
export const without =
  <T>(name: string, entry: T) =>
  (options: Options): T => {
    const [first] = Object.keys(options);
    if (first === undefined) return entry;
    throw complaint('OPTION', { where: name, what: 'the options', expected: 'none', actual: `'${first}'` });
  };
