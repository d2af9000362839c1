/** The bundled digits: 1797 handwritten digits of 8 x 8 pixels (Alpaydin, Kaynak 1998; UCI ML Repository). */
import { brotliDecompressSync } from 'node:zlib';
import { type Dataset, dataset, subset } from './dataset';
import { packedDigits } from './digits-asset';

const count = 1797;
const side = 8;
const pixelCount = side * side;
/** The strongest ink. */
const peak = 16;

/** All images: input float32 [1797, 8, 8, 1] from 0 to 1 in steps of 1/16, target int32 [1797]. */
export function digits(): Dataset {
  const content = brotliDecompressSync(Buffer.from(packedDigits, 'base64'));
  const images = new Float32Array(count * pixelCount);
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    for (let i = 0; i < count; i++) images[i * pixelCount + pixel] = (content[pixel * count + i] as number) / peak;
  }
  const labels = Int32Array.from(content.subarray(pixelCount * count));
  return dataset(
    { dtype: 'float32', shape: [count, side, side, 1], data: images },
    { dtype: 'int32', shape: [count], data: labels },
    { classes: 10, name: 'digits' },
  );
}

/** Three fifths to learn (1079), a fifth each to validate (359) and to test (359), by the position modulo 5. */
export function digitsSplit(): { train: Dataset; validation: Dataset; test: Dataset } {
  const whole = digits();
  const part = (name: string, isIn: (remainder: number) => boolean): Dataset => {
    const indices = Array.from({ length: count }, (_, i) => i).filter((i) => isIn(i % 5));
    return { ...subset(whole, indices), name: `digits ${name}` };
  };
  return {
    train: part('train', (remainder) => remainder < 3),
    validation: part('validation', (remainder) => remainder === 3),
    test: part('test', (remainder) => remainder === 4),
  };
}
