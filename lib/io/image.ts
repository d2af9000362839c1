/** Image files for models: read, flattened to grey or colour, inverted, fitted to the model's size. */
import { complaint, expectOptions } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { bytesOfArray, readBytes } from './file';
import { decodePng } from './png';
import { resize } from './resize';

/** What is used of the package `sharp`. */
type Sharp = (bytes: Uint8Array) => {
  rotate(): ReturnType<Sharp>;
  toColourspace(space: string): ReturnType<Sharp>;
  raw(): ReturnType<Sharp>;
  toBuffer(options: { resolveWithObject: true }): Promise<{
    data: Uint8Array;
    info: { width: number; height: number; channels: number };
  }>;
};

function loadSharp(where: string): Sharp {
  try {
    return require(require.resolve('sharp', { paths: [__dirname, process.cwd()] })) as Sharp;
  } catch {
    throw complaint('FILE', {
      where,
      what: "the package 'sharp', which reads formats other than PNG,",
      expected: 'installed (npm install sharp)',
      actual: 'nothing',
    });
  }
}

async function decodeWithSharp(bytes: Uint8Array, where: string): Promise<Tensor> {
  const sharp = loadSharp(where);
  try {
    const { data, info } = await sharp(bytes)
      .rotate()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { dtype: 'uint8', shape: [info.height, info.width, info.channels], data: bytesOfArray(data) };
  } catch (cause) {
    const { message } = cause as Error;
    throw complaint('FILE', { where, what: 'the file', expected: 'an image', actual: message });
  }
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50;

/**
 * Reads an image file: PNG, or with the package `sharp` installed JPEG, WebP, TIFF, GIF, AVIF and more.
 *
 * @returns uint8 [H, W, C]: C is 1 for grey, 2 for grey with opacity, 3 for colour, 4 for colour with opacity
 * @throws ConvoltError `FILE` when the file is missing, damaged, or of a format that needs `sharp`; `IO` when the system
 *   refuses
 */
export async function readImage(path: string): Promise<Tensor> {
  const bytes = await readBytes('readImage', path);
  const where = `readImage ${path}`;
  return isPng(bytes) ? decodePng(bytes, where) : decodeWithSharp(bytes, where);
}

/** Makes [H, W, `to`] of an image by one rule per pixel. */
function mapPixels({ shape, data }: Tensor, to: number, rule: (pixel: ArrayLike<number>) => readonly number[]): Tensor {
  const [height, width, from] = shape as [number, number, number];
  const result = new Uint8Array(height * width * to);
  for (let i = 0; i < height * width; i++) result.set(rule(data.subarray(i * from, (i + 1) * from)), i * to);
  return { dtype: 'uint8', shape: [height, width, to], data: result };
}

/** Puts an image with opacity (2 or 4 channels) on white paper; others stay. */
export function overWhite(image: Tensor): Tensor {
  const channels = image.shape[2] as number;
  if (channels !== 2 && channels !== 4) return image;
  return mapPixels(image, channels - 1, (pixel) => {
    const opacity = (pixel[channels - 1] as number) / 255;
    return Array.from({ length: channels - 1 }, (_, c) => Math.round(255 + opacity * ((pixel[c] as number) - 255)));
  });
}

/** Grey of an image: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), on white where the image is transparent. */
export function toGrayscale(image: Tensor): Tensor {
  const opaque = overWhite(image);
  if (opaque.shape[2] === 1) return opaque;
  return mapPixels(opaque, 1, ({ 0: r, 1: g, 2: b }) => [
    Math.round(0.299 * (r as number) + 0.587 * (g as number) + 0.114 * (b as number)),
  ]);
}

/** Three equal channels of grey; colour stays. */
function toColor(image: Tensor): Tensor {
  const opaque = overWhite(image);
  return opaque.shape[2] === 3 ? opaque : mapPixels(opaque, 3, ({ 0: grey }) => [grey, grey, grey] as number[]);
}

export interface InputOptions {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  /** Turn light into dark, for models of light strokes on a dark ground. Default false. */
  readonly invert?: boolean;
}

/**
 * Fits an image to a model's input; the proportions follow the model's.
 *
 * @param image uint8 [H, W, C], as `readImage` gives it
 * @returns uint8 [height, width, channels]
 * @throws ConvoltError `VALUE` for channels other than 1 and 3, or sizes below 1
 */
export function toInput(image: Tensor, options: InputOptions): Tensor {
  expectOptions('toInput', options, ['height', 'width', 'channels', 'invert']);
  const { height, width, channels, invert = false } = options;
  if (channels !== 1 && channels !== 3) {
    const actual = String(channels);
    throw complaint('VALUE', { where: 'toInput', what: 'the channels', expected: '1 or 3', actual });
  }
  const fitted = resize(channels === 1 ? toGrayscale(image) : toColor(image), height, width);
  return invert ? { ...fitted, data: fitted.data.map((value) => 255 - value) as Uint8Array } : fitted;
}
