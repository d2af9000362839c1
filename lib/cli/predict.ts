/** `convolt predict`: the classes of images (files) or arrays (JSON text, .npy). */
import { complaint } from '../graph/errors';
import { type DType, type NestedNumbers, sizeOf, type Tensor, tensor } from '../graph/tensor';
import { readBytes } from '../io/file';
import { readImage, toInput } from '../io/image';
import { readNpy } from '../io/npy';
import { argmaxRows } from './evaluate';
import { drawImage } from './report';
import { openSavedModel } from './saved-model';

/** Numbers from JSON text, a .json or .npy file, or an image file fitted to the model's input. */
async function readInput(source: string, shape: readonly number[], dtype: DType, invert: boolean): Promise<Tensor> {
  const one = [1, ...shape];
  if (/^\s*\[/.test(source)) return shaped(parsed(source, source), one, dtype);
  if (source.endsWith('.json')) return shaped(parsed(source, await readText(source)), one, dtype);
  if (source.endsWith('.npy')) {
    const { data } = await readNpy(source);
    return shaped([...data], one, dtype);
  }
  const [height, width, channels] = shape as [number, number, number];
  const image = toInput(await readImage(source), { height, width, channels, invert });
  return dtype === 'uint8'
    ? { ...image, shape: one }
    : { dtype, shape: one, data: Float32Array.from(image.data, (value) => value / 255) };
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes('predict', path));
}

function parsed(source: string, text: string): NestedNumbers {
  try {
    return JSON.parse(text) as NestedNumbers;
  } catch (cause) {
    const actual = (cause as Error).message;
    throw complaint('VALUE', {
      where: `predict ${source.slice(0, 60)}`,
      what: 'the text',
      expected: 'a JSON array of numbers',
      actual,
    });
  }
}

function shaped(values: NestedNumbers, shape: readonly number[], dtype: DType): Tensor {
  const flat = (
    Array.isArray(values) ? (values as unknown[]).flat(Number.POSITIVE_INFINITY as 1) : [values]
  ) as number[];
  if (flat.length !== sizeOf(shape)) {
    throw complaint('SHAPE', {
      where: 'predict',
      what: 'the number of values',
      expected: `${sizeOf(shape)} ([${shape.join(', ')}])`,
      actual: String(flat.length),
    });
  }
  const wrong = flat.find((value) => typeof value !== 'number');
  if (wrong !== undefined) {
    throw complaint('VALUE', {
      where: 'predict',
      what: 'every value',
      expected: 'a number',
      actual: JSON.stringify(wrong),
    });
  }
  return tensor(flat, shape, dtype);
}

const softmax = (logits: readonly number[]): number[] => {
  const peak = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - peak));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
};

/** Prints the predicted class of each source with its probability. */
export async function predict(
  sources: readonly string[],
  options: { model: string; invert: boolean; json: boolean },
): Promise<void> {
  const model = await openSavedModel(options.model);
  const { shape, dtype } = model;
  for (const source of sources) {
    const input = await readInput(source, shape, dtype, options.invert);
    const logits = await model.predict(input);
    const probabilities = softmax([...logits.data]);
    const [label] = argmaxRows(logits) as [number];
    if (options.json) console.log(JSON.stringify({ source, label, probabilities }));
    else
      console.log(
        `${drawImage({ ...input, shape })}\n${source.slice(0, 60)}: ${label} (${(100 * (probabilities[label] as number)).toFixed(1)} %)`,
      );
  }
  model.dispose();
}
