/** Sealed states: constants of all programs that are bound to them. */
import { ops, Program, Store, tensor } from '../../lib';
import { state } from '../../lib/ops/source';
import { refusal } from '../io/refusal';

const open = () => {
  const store = new Store();
  store.declare('x', { dtype: 'float32', shape: [3] });
  store.write('x', tensor([1, 2, 3]));
  store.seal('x');
  return store;
};

test('are read, not written', async () => {
  const store = open();
  const program = new Program(store, { outputs: { y: ops.mul(state('x', [3]), 2) } });
  expect([...((await program.run()).outputs.y?.data ?? [])]).toEqual([2, 4, 6]);
  expect(() => store.write('x', tensor([4, 5, 6]))).toThrow(refusal('STATE', 'sealed'));
  expect([...store.read('x').data]).toEqual([1, 2, 3]);
  program.dispose();
  store.dispose();
});

test('are no target of updates', () => {
  const store = open();
  const x = state('x', [3]);
  const updates = [{ state: x, next: ops.mul(x, 2) }];
  expect(() => new Program(store, { outputs: {}, updates })).toThrow(refusal('STATE', 'sealed'));
  store.dispose();
});

test('unknown ones cannot be sealed', () => {
  const store = open();
  expect(() => store.seal('y')).toThrow(refusal('STATE', "'y'"));
  store.dispose();
});
