/** The example of a binary network: digits are learnt, become bits and a file, and are read again. */
import { main } from '../../examples/binary';
import { temporaryFolder } from '../io/refusal';

const folder = temporaryFolder();

test('LeNet with binary hidden layers', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  const { real, signs, bits } = await main(['--epochs', '6', '--out', folder]);
  expect(log.mock.calls.at(-1)?.[0]).toMatch(/to which the first test image is a \d$/);
  log.mockRestore();
  expect(real).toBeGreaterThan(0.95);
  expect(signs).toBeGreaterThan(0.92);
  expect(bits).toBeCloseTo(signs, 6);
});
