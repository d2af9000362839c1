/** The example of a user's own recurrent cell learns to read digits row by row. */
import { main } from '../../examples/own-cell';

test('a cell of a few lines', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  const accuracy = await main();
  log.mockRestore();
  expect(accuracy).toBeGreaterThan(0.9);
});
