/** Training that goes on from step to step: each step begins where the one before it ended. */
import { data, fit, losses, optimizers, Session, type Tensor, tensor } from '../../lib';
import { expectClose, F32 } from '../closeness';
import { refusal } from '../io/refusal';
import { languageModel } from './recurrent';

const text = 'she sells sea shells by the sea shore. '.repeat(12);
const vocabulary = data.characters(text);
const tokens = vocabulary.encode(text);
const [lanes, length] = [2, 5];

/** A rate of 0 leaves the weights as they are, so that losses of several steps can be compared. */
const open = (rate: number, stateful?: boolean) =>
  new Session(languageModel(vocabulary.size, 4, 6), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ rate }),
    seed: 1,
    ...(stateful !== undefined && { stateful }),
  });

const windows = data.tokenWindows(tokens, { length, lanes });
const batch = (i: number): [Tensor, Tensor] => {
  const part = ({ data: all }: Tensor) =>
    tensor(all.slice(i * lanes * length, (i + 1) * lanes * length), [lanes, length]);
  return [part(windows.input), part(windows.target)];
};

const lossOf = async (session: Session, i: number): Promise<number> => (await session.step(...batch(i))).loss;

test('two steps are one of twice the length', async () => {
  const [stateful, stateless] = [open(0, true), open(0)];
  const parts = [await lossOf(stateful, 0), await lossOf(stateful, 1)] as const;
  const joined = ([a, b]: [Tensor, Tensor]) => {
    const rows = [0, 1].flatMap((n) => [a, b].flatMap((t) => [...t.data.subarray(n * length, (n + 1) * length)]));
    return tensor(Int32Array.from(rows), [lanes, 2 * length]);
  };
  const [first, second] = [batch(0), batch(1)];
  const whole = await stateless.step(joined([first[0], second[0]]), joined([first[1], second[1]]));
  expectClose(tensor([(parts[0] + parts[1]) / 2]), tensor([whole.loss]), F32);
  expect(await lossOf(stateless, 1)).not.toBeCloseTo(parts[1], 4);
  await stateful.resetCarried();
  expect(await lossOf(stateful, 0)).toBe(parts[0]);
  stateful.dispose();
  stateless.dispose();
});

test('fit begins every epoch anew and learns', async () => {
  const session = open(0, true);
  const options = { batchSize: lanes, shuffle: false };
  const { epochs } = await fit(session, windows, { ...options, epochs: 2 });
  expect(epochs[1]?.training.loss).toBe(epochs[0]?.training.loss);
  session.dispose();
  const learning = open(1, true);
  const history = await fit(learning, windows, { ...options, epochs: 8 });
  expect(history.epochs.at(-1)?.training.loss).toBeLessThan(0.7 * (history.epochs[0]?.training.loss as number));
  learning.dispose();
});

test('evaluation and predictions begin anew', async () => {
  const session = open(0, true);
  const before = await session.measure(...batch(3));
  await session.step(...batch(0));
  expect(await session.measure(...batch(3))).toEqual(before);
  session.dispose();
});

test('batches of another size, and options of another name', async () => {
  const session = open(0, true);
  await lossOf(session, 0);
  const one = tensor(
    Int32Array.from({ length }, () => 0),
    [1, length],
  );
  await expect(session.step(one, one)).rejects.toThrow(refusal('STATE', 'carried.lstm.hidden', '[2, 6]', '[1, 6]'));
  session.dispose();
  expect(() => new Session(languageModel(2, 2, 2), { statefull: true } as never)).toThrow(
    refusal('OPTION', 'statefull'),
  );
});
