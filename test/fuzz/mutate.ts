/** Mutations of files: of bytes, of numbers and words in text, of JSON trees, and of what lies in containers. */
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';

/** Numbers in [0, 1). */
export type Random = () => number;

export type Mutation = (bytes: Buffer, random: Random) => Buffer;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
export const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

const bytesOfNote = [0, 1, 2, 7, 8, 0x7f, 0x80, 0xfe, 0xff];
const wholesOfNote = [0, 1, -1, 255, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1];
const textsOfNote = [
  '0',
  '-1',
  '-0',
  '1.5',
  '1e309',
  '9007199254740993',
  '4294967296',
  'null',
  '""',
  '[]',
  '{}',
  'true',
];
const valuesOfNote: readonly unknown[] = [
  0,
  1,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e300,
  null,
  true,
  '',
  'x',
  [],
  {},
  [0],
  [[]],
  [2, 2],
  { batch: 1 },
  { number: 'NaN' },
];

/** The range [begin, end) replaced by `by`. */
const replaced = (bytes: Buffer, begin: number, end: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, begin), by, bytes.subarray(end)]);

function range(bytes: Buffer, random: Random): [number, number] {
  const begin = below(random, bytes.length + 1);
  return [begin, Math.min(bytes.length, begin + 1 + below(random, random() < 0.5 ? 4 : 64))];
}

const changes: readonly Mutation[] = [
  (bytes, random) => {
    const at = below(random, bytes.length);
    return replaced(bytes, at, at + 1, Buffer.of((bytes[at] ?? 0) ^ (1 << below(random, 8))));
  },
  (bytes, random) => {
    const at = below(random, bytes.length);
    return replaced(bytes, at, at + 1, Buffer.of(pick(random, bytesOfNote)));
  },
  (bytes, random) => {
    const at = below(random, Math.min(bytes.length, random() < 0.5 ? 32 : bytes.length));
    const number = Buffer.alloc(4);
    if (random() < 0.5) number.writeInt32LE(pick(random, wholesOfNote) | 0);
    else number.writeInt32BE(pick(random, wholesOfNote) | 0);
    return replaced(bytes, at, at + 4, number);
  },
  (bytes, random) => replaced(bytes, ...range(bytes, random), Buffer.alloc(0)),
  (bytes, random) => {
    const at = below(random, bytes.length + 1);
    return replaced(bytes, at, at, bytes.subarray(...range(bytes, random)));
  },
  (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1)),
];

/** A few bytes changed, removed or doubled. */
export const mutateBytes: Mutation = (bytes, random) => {
  let mutated = bytes;
  for (let i = 1 + below(random, 3); i > 0; i--) mutated = pick(random, changes)(mutated, random);
  return mutated;
};

/** A number or a quoted word of a text replaced. */
export const mutateText: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1');
  const tokens = [...text.matchAll(/-?\d+(\.\d+)?|"[^"]*"|'[^']*'|[A-Za-z]+/g)];
  if (tokens.length === 0) return mutateBytes(bytes, random);
  const { 0: token, index } = pick(random, tokens);
  const by = random() < 0.5 ? pick(random, textsOfNote) : pick(random, tokens)[0];
  return Buffer.from(text.slice(0, index) + by + text.slice(index + token.length), 'latin1');
};

type Parent = Record<string, unknown>;

/** Every place of a JSON tree: the object or list that holds it, and its key there. */
function placesOf(value: unknown): [Parent, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Parent;
  return Object.keys(parent).flatMap((key) => [[parent, key] as [Parent, string], ...placesOf(parent[key])]);
}

/** One place of a JSON tree emptied, or replaced by another one or by a value of note. */
export function mutateTree(tree: unknown, random: Random): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(tree));
  const places = placesOf(copy);
  if (places.length === 0) return pick(random, valuesOfNote);
  const [parent, key] = pick(random, places);
  const [other, otherKey] = pick(random, places);
  const way = random();
  if (way < 0.2 && !Array.isArray(parent)) delete parent[key];
  else if (way < 0.2) (parent as unknown as unknown[]).splice(Number(key), 1);
  else if (way < 0.5) parent[key] = JSON.parse(JSON.stringify(other[otherKey] ?? null));
  else if (way < 0.6) parent[pick(random, ['__proto__', 'constructor', 'length', 'toString', key])] = parent[key];
  else if (way < 0.8 && typeof parent[key] === 'number')
    parent[key] = (parent[key] as number) + pick(random, [-1, 1, 8]);
  else parent[key] = pick(random, valuesOfNote);
  return copy;
}

/** `mutate` within gzip. */
export const withinGzip =
  (mutate: Mutation): Mutation =>
  (bytes, random) => {
    try {
      return gzipSync(mutate(gunzipSync(bytes), random));
    } catch {
      return mutateBytes(bytes, random);
    }
  };

/** The header of a safetensors file mutated as a tree, and so is the text `graph` in it, if there is one. */
export const mutateSafetensors: Mutation = (bytes, random) => {
  try {
    const end = 8 + Number(bytes.readBigUInt64LE());
    let header = JSON.parse(bytes.toString('utf8', 8, end));
    const graph = header.__metadata__?.graph;
    if (graph !== undefined && random() < 0.9) {
      header.__metadata__.graph = JSON.stringify(mutateTree(JSON.parse(graph), random));
    } else header = mutateTree(header, random);
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([length, text, bytes.subarray(end)]);
  } catch {
    return mutateBytes(bytes, random);
  }
};

const polynomial = 0xedb88320;

/** The CRC-32 of PNG (ISO 3309). */
function checksum(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? polynomial : 0);
  }
  return ~sum >>> 0;
}

/** One chunk of a PNG mutated, within its compression if it has one, and its checksum made right again. */
export const mutatePng: Mutation = (bytes, random) => {
  const chunks: [begin: number, end: number][] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    chunks.push([at, end]);
    at = end;
  }
  if (chunks.length === 0) return mutateBytes(bytes, random);
  const [begin, end] = pick(random, chunks);
  if (random() < 0.1) return replaced(bytes, end, end, bytes.subarray(...pick(random, chunks)));
  const type = bytes.subarray(begin + 4, begin + 8);
  const data = bytes.subarray(begin + 8, end - 4);
  let changed = mutateBytes(data, random);
  if (type.toString() === 'IDAT' && random() < 0.7) {
    try {
      changed = deflateSync(mutateBytes(inflateSync(data), random));
    } catch {
      // was no whole stream: stays as mutated
    }
  }
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(changed.length);
  const body = Buffer.concat([type, changed]);
  ends.writeUInt32BE(checksum(body), 4);
  return replaced(bytes, begin, end, Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]));
};
