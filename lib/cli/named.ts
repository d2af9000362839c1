/** Things that the command line offers by name, with options behind it, as `leakyRelu:slope=0.1`. */
import { complaint } from '../graph/errors';
import { suggestion } from '../graph/nearest-name';

/** Options by name, as makers take them. */
export type Options = Readonly<Record<string, unknown>>;

/** The entry of `table` under `name`. */
export function named<T>(option: string, table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw complaint('OPTION', {
    where: 'train',
    what: `--${option}`,
    expected: `one of ${Object.keys(table).join(', ')}`,
    actual: `'${name}'${suggestion(name, Object.keys(table))}`,
  });
}

/** A number, true, false or null where the text is one, else the text. */
function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `amSoftmax:margin=0.3,scale=20` as a name and its options; without a colon there are none. */
export function spelled(option: string, text: string): { readonly name: string; readonly options: Options } {
  const [name = '', ...rest] = text.split(':');
  const pairs = rest.length ? rest.join(':').split(',') : [];
  const options = pairs.map((pair): [string, unknown] => {
    const [key, value, ...more] = pair.split('=');
    if (key && value && !more.length) return [key, valueOf(value)];
    const expected = 'a name, or one with options as name:option=value,option=value';
    throw complaint('OPTION', { where: 'train', what: `--${option}`, expected, actual: `'${text}'` });
  });
  return { name, options: Object.fromEntries(options) };
}

/** What the entry that `text` names makes of the options in it. */
export function made<T>(option: string, table: Readonly<Record<string, (options: Options) => T>>, text: string): T {
  const { name, options } = spelled(option, text);
  return named(option, table, name)(options);
}
