/** What a scan refuses. */
import { compile } from '../../lib/compiler/compile';
import { Scope, Trace } from '../../lib/graph/scope';
import type { Value } from '../../lib/graph/value';
import { add, cast, mul } from '../../lib/ops/elementwise';
import { sum } from '../../lib/ops/reduce';
import { type ScanOptions, scan } from '../../lib/ops/scan';
import { reshape } from '../../lib/ops/shape';
import { feed, state } from '../../lib/ops/source';

const x = feed('x', [2, 5, 3]);
const h = feed('h', [2, 3]);
const plain = (s: Value, part: Value) => ({ state: add(s, part), output: s });
const refused = (body: () => unknown, code: string, ...parts: string[]) => {
  let error: { code?: string; message: string } | undefined;
  try {
    body();
  } catch (caught) {
    error = caught as typeof error;
  }
  expect(error?.code).toBe(code);
  for (const part of ['expected', 'but got', ...parts]) expect(error?.message).toContain(part);
};
const withOptions = (options: ScanOptions) => () => scan(plain, h, x, options);

test('options', () => {
  refused(withOptions({ revers: true } as never), 'OPTION', 'revers');
  refused(withOptions({ truncate: 0 }), 'VALUE', 'truncate');
  refused(withOptions({ checkpoint: 1.5 }), 'VALUE', 'checkpoint');
  const mask = feed('m', [2, 5], 'bool');
  refused(withOptions({ mask, lengths: feed('l', [2], 'int32') }), 'OPTION', 'both');
});

test('sequences without steps, of different lengths, or of no rank', () => {
  refused(() => scan(plain, h, feed('e', [2, 0, 3])), 'SHAPE', '1 or more');
  refused(() => scan((s: Value) => ({ state: s, output: {} }), h, {}), 'SHAPE', 'length');
  refused(() => scan((s: Value) => ({ state: s, output: {} }), h, {}, { length: 0 }), 'SHAPE', 'length');
  refused(() => scan((s: Value) => ({ state: s, output: {} }), h, [x, feed('y', [2, 4, 3])]), 'SHAPE', '5 and 4');
  refused(withOptions({ length: 4 }), 'SHAPE', '5 and 4');
  refused(() => scan(plain, h, feed('v', [5])), 'SHAPE', '[N, T, ...]');
});

test('states that change', () => {
  refused(
    () => scan((s: Value) => ({ state: reshape(s, [3, 2]), output: {} }), h, x),
    'SHAPE',
    'float32[2, 3]',
    '[3, 2]',
  );
  refused(() => scan((s: Value) => ({ state: cast(s, 'int32'), output: {} }), h, x), 'SHAPE', 'int32');
  refused(() => scan((s: Value) => ({ state: [s, s] as never, output: {} }), h, x), 'SHAPE', 'state');
});

test('masks that do not fit', () => {
  refused(withOptions({ mask: feed('m', [2, 4], 'bool') }), 'SHAPE', '[N, 5]');
  refused(withOptions({ mask: feed('m', [3, 5], 'bool') }), 'SHAPE', 'every state');
  refused(withOptions({ mask: feed('m', [2, 5]) }), 'DTYPE', 'bool');
  refused(withOptions({ lengths: feed('l', [2]) }), 'DTYPE', 'int32');
  refused(withOptions({ lengths: feed('l', [2, 1], 'int32') }), 'SHAPE', '[N]');
  const scalar = () => scan((s: Value) => ({ state: s, output: sum(s) }), h, x, { mask: feed('m', [2, 5], 'bool') });
  refused(scalar, 'SHAPE', 'every state');
});

test('values of a cell outside of it', () => {
  let leaked: Value | undefined;
  const { state: last } = scan(
    (s: Value, part: Value) => {
      leaked = mul(part, 2);
      return { state: add(s, part), output: {} };
    },
    h,
    x,
  );
  refused(() => compile({ outputs: { y: add(last, leaked as Value) }, feeds: [x, h] }), 'STATE', 'in the cell alone');
});

test('updates of states in a cell', () => {
  const trace = new Trace({ state, nextKey: (key) => key }, true);
  const scope = new Scope(trace);
  const count = scope.state('count', [2, 3], () => h);
  const cell = (s: Value, part: Value) => {
    scope.update(count, part);
    return { state: add(s, part), output: {} };
  };
  refused(() => scan(cell, h, x), 'STATE', 'count', 'state of the loop');
  scope.update(count, h);
  expect(trace.updates.get('count')).toBe(h);
});
