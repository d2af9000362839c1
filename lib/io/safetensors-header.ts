/** The JSON header of a safetensors file, read with suspicion. */
import { showShape, sizeOf } from '../graph/tensor';
import { type ElementFormatName, elementFormats } from './element-format';
import { expectFile } from './file';

/** Where a tensor lies: bytes [begin, end) of the data. */
export interface HeaderEntry {
  readonly name: string;
  readonly format: ElementFormatName;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let parsed: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    expectFile(false, where, 'the header', 'JSON', () => message);
  }
  expectFile(isObject(parsed), where, 'the header', 'a JSON object', () => text.slice(0, 20));
  const twice = firstRepeated(topLevelNames(text));
  expectFile(twice === undefined, where, 'every name', 'unique', () => `'${twice}' twice`);
  return parsed;
}

/** The keys of the outermost object, which `JSON.parse` would silently merge. */
function topLevelNames(json: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && text && colon) names.push(JSON.parse(text) as string);
  }
  return names;
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function parseMetadata(value: unknown, where: string): Record<string, string> {
  const isText = isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');
  expectFile(isText, where, '__metadata__', 'an object of strings', () => JSON.stringify(value).slice(0, 60));
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, dataLength: number, where: string): HeaderEntry {
  const about = `${where} '${name}'`;
  expectFile(isObject(value), about, 'the entry', 'an object', () => JSON.stringify(value).slice(0, 60));
  const { dtype, shape, data_offsets: offsets } = value;
  const known = Object.keys(elementFormats);
  expectFile(known.includes(dtype as string), about, 'dtype', `one of ${known.join(', ')}`, () =>
    JSON.stringify(dtype),
  );
  expectFile(isSizes(shape), about, 'shape', 'a list of whole numbers of 0 or more', () => JSON.stringify(shape));
  const isRange = isSizes(offsets) && offsets.length === 2;
  expectFile(isRange, about, 'data_offsets', 'two whole numbers of 0 or more', () => JSON.stringify(offsets));
  const [begin, end] = offsets as [number, number];
  const isWithin = begin <= end && end <= dataLength;
  expectFile(isWithin, about, 'data_offsets', `ascending and at most ${dataLength}`, () => showShape(offsets));
  const format = dtype as ElementFormatName;
  const needed = sizeOf(shape) * elementFormats[format].bytes;
  const expected = `${needed} bytes for ${format}${showShape(shape)}`;
  expectFile(end - begin === needed, about, 'the size', expected, () => `${end - begin} bytes`);
  return { name, format, shape, begin, end };
}

/** Throws unless the byte ranges follow one another from 0 to `dataLength`. */
function expectGapless(entries: readonly HeaderEntry[], dataLength: number, where: string): void {
  let reached = 0;
  let previous = '';
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const kind = begin < reached ? `${begin}, inside of '${previous}'` : `${begin}, behind a hole`;
    expectFile(begin === reached, `${where} '${name}'`, 'the begin', `at byte ${reached}`, () => kind);
    reached = end;
    previous = name;
  }
  const surplus = () => `${dataLength} bytes, some of them trailing`;
  expectFile(reached === dataLength, where, 'the data', `${reached} bytes long`, surplus);
}

/**
 * Decodes a header and proves that it describes exactly `dataLength` bytes.
 *
 * @throws ConvoltError `FILE` for anything else
 */
export function parseHeader(bytes: Uint8Array, dataLength: number, where: string): Header {
  const { __metadata__: metadata = {}, ...named } = parseObject(bytes, where);
  const entries = Object.entries(named).map(([name, value]) => parseEntry(name, value, dataLength, where));
  expectGapless(entries, dataLength, where);
  return { entries, metadata: parseMetadata(metadata, where) };
}
