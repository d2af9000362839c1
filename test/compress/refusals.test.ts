/** What cannot be quantized is refused by name, or kept and named in the report. */
import { compress, layers, Session, type Tensor, tensor } from '../../lib';
import { normal } from '../inference/open';
import { refusal } from '../io/refusal';

const { conv2d, dense, flatten, relu, sequential, softmax } = layers;

const image = normal(1, [4, 6, 6, 2]);
const net = () => sequential(conv2d(4, 3), relu(), flatten(), dense(3), softmax());

async function open(model = net()): Promise<Session> {
  const session = new Session(model);
  await session.run(image);
  return session;
}

test('calibration data', async () => {
  const session = await open();
  const model = await session.compileForInference(image);
  const empty: Tensor = { dtype: 'float32', shape: [0, 6, 6, 2], data: new Float32Array(0) };
  const other = normal(1, [4, 5, 5, 2]);
  for (const source of [session, model]) {
    await expect(compress.quantize(source, empty)).rejects.toThrow(refusal('DATA', 'the number of examples', '0'));
  }
  await expect(compress.quantize(model, other)).rejects.toThrow(
    refusal('SHAPE', 'quantize', 'the calibration data', 'float32[-1, 6, 6, 2]', 'float32[4, 5, 5, 2]'),
  );
  await expect(compress.quantize(session, other)).rejects.toThrow(
    refusal('SHAPE', 'quantize', 'the calibration data', 'float32[4, 5, 5, 2]'),
  );
  const bytes = { ...image, dtype: 'uint8', data: Uint8Array.from(image.data) } as Tensor;
  await expect(compress.quantize(model, bytes)).rejects.toThrow(refusal('SHAPE', 'the calibration data', 'uint8'));
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const data = image.data.slice() as Float32Array;
    data[17] = wrong;
    await expect(compress.quantize(session, tensor(data, image.shape))).rejects.toThrow(
      refusal('NOT_FINITE', 'quantize', 'the calibration data', 'finite'),
    );
  }
  session.dispose();
});

test('options', async () => {
  const session = await open();
  const refused = (options: object) => expect(compress.quantize(session, image, options)).rejects;
  await refused({ method: 'guess' }).toThrow(refusal('OPTION', 'method', 'minMax, percentile, entropy, mse', 'guess'));
  await refused({ percentile: 101 }).toThrow(refusal('VALUE', 'percentile', '101'));
  await refused({ bits: 4 }).toThrow(refusal('OPTION', 'bits', '7, 8', '4'));
  await refused({ keep: ['dens'] }).toThrow(refusal('OPTION', 'every path to keep', 'dens'));
  await refused({ quick: true }).toThrow(refusal('OPTION', 'quick'));
  session.dispose();
});

test('what stays is named', async () => {
  const session = await open();
  const { model, report } = await compress.quantize(session, image, { keep: ['conv2d'] });
  expect(report.layers.map(({ path, op, converted, reason }) => ({ path, op, converted, reason }))).toEqual([
    { path: 'dense', op: 'matmul', converted: true, reason: undefined },
    { path: 'conv2d', op: 'conv2d', converted: false, reason: 'as asked for' },
    { path: 'softmax', op: 'softmax', converted: false, reason: 'no integer form' },
  ]);
  expect(model.explain()).toMatch(/ conv2d /);
  session.dispose();
  model.dispose();
});

test('a model without anything to convert', async () => {
  const session = await open(sequential(relu(), flatten(), softmax()));
  await expect(compress.quantize(session, image)).rejects.toThrow(
    refusal('STATE', 'quantize', 'the model', 'can be converted', 'softmax: no integer form'),
  );
  const kept = await open();
  await expect(compress.quantize(kept, image, { keep: ['conv2d', 'dense'] })).rejects.toThrow(
    refusal('STATE', 'conv2d: as asked for'),
  );
  session.dispose();
  kept.dispose();
});
