/** The example of user-written parts learns, and is fused like the built-in ones. */
import { main } from '../../examples/custom';

test('own activation, loss, layer and optimizer train a network', async () => {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const accuracy = await main();
  log.mockRestore();
  expect(accuracy).toBeGreaterThan(0.9);
  expect(lines.join('\n')).toMatch(/elementwise .*\[add\+sigmoid\+mul/);
});
