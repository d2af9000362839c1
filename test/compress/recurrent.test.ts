/** LSTMs with weights of one byte. */
import { compress, layers, type Tensor } from '../../lib';
import { distance, kernelsOf, normal, openRandom } from '../inference/open';

const { dense, lstm, sequential } = layers;

const sequences = normal(1, [4, 9, 5]);

test.each([
  ['forward', {}],
  ['in both directions', { bidirectional: true }],
  ['two layers', { layers: 2 }],
] as const)('%s', async (_, options) => {
  const model = sequential(lstm({ units: 24, ...options }), dense(3));
  const session = await openRandom(model, sequences);
  const { model: quantized, report } = await compress.quantize(session, sequences);
  const kernels = kernelsOf(quantized.explain(4));
  expect(kernels.filter((kernel) => kernel === 'quantizedLstm')).toHaveLength(
    'layers' in options || 'bidirectional' in options ? 2 : 1,
  );
  expect(kernels).not.toContain('matmul');
  expect(kernels).not.toContain('lstm');
  expect(distance((await quantized.predict(sequences)) as Tensor, await session.run(sequences))).toBeLessThan(0.05);
  const recurrent = report.layers.filter(({ op }) => op === 'lstm');
  expect(recurrent.every(({ converted, parameters }) => converted && parameters === 24 * 96)).toBe(true);
  expect(report.bytes.before / report.bytes.after).toBeGreaterThan(1.5); // names take most of so small a file
  quantized.dispose();
  session.dispose();
});

test('kept by its path', async () => {
  const session = await openRandom(sequential(lstm({ units: 4 }), dense(3)), sequences);
  const { model, report } = await compress.quantize(session, sequences, { keep: ['lstm'] });
  expect(report.layers.filter(({ converted }) => !converted).map(({ path, op }) => [path, op])).toEqual([
    ['lstm', 'matmul'],
    ['lstm', 'lstm'],
  ]);
  expect(kernelsOf(model.explain(4))).toContain('lstm');
  model.dispose();
  session.dispose();
});
