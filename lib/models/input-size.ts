/** Sizes of images that suit networks, and what another size changes. */
import { complaint } from '../graph/errors';
import { Scope, Trace } from '../graph/scope';
import type { Shape } from '../graph/tensor';
import { splitKey } from '../ops/random';
import { feed, state } from '../ops/source';
import type { Model } from './model';

/** Sides of square images that can be halved often: small pictures, then what large networks are used to. */
export const inputSides = [32, 96, 224, 448, 672] as const;

/** Sizes that suit most networks: small windows that keep the size, and pooling that halves it. */
export const layerPreset = {
  convolution: { kernel: 3, padding: 'same', stride: 1 },
  pooling: { window: 2, stride: 2 },
} as const;

/** What another size of the input changes in a model. */
export interface InputSizeReport {
  /** Parameters whose shape depends on the size of the input, with both shapes. */
  readonly changed: readonly { readonly path: string; readonly from: Shape; readonly to: Shape }[];
  /** What to do about them. */
  readonly advice: readonly string[];
}

/** The shapes of a model's parameters for one shape of its input. */
function shapesOf(model: Model, shape: Shape): Map<string, Shape> {
  const trace = new Trace({ state, nextKey: splitKey }, false);
  model(feed('input', shape), new Scope(trace));
  const trained = [...trace.declarations.values()].filter(({ role }) => role === 'parameter');
  return new Map(trained.map((parameter) => [parameter.path, parameter.shape]));
}

/**
 * Which parameters no longer fit when images of another size come in. Convolutions do not mind; the first fully connected
 * layer behind them does, unless an adaptive pooling stands between.
 *
 * @param from the shape of an input so far, e.g. [1, 224, 224, 3]; `to` the new one
 * @throws ConvoltError `SHAPE` when the model cannot take one of them, or has other parameters for it
 * @example inputSizeReport(model, [1, 224, 224, 3], [1, 448, 448, 3]).changed.map(({ path }) => path)
 */
export function inputSizeReport(model: Model, from: Shape, to: Shape): InputSizeReport {
  const [before, after] = [shapesOf(model, from), shapesOf(model, to)];
  const changed = [...before].flatMap(([path, shape]) => {
    const now = after.get(path);
    if (!now) {
      throw complaint('SHAPE', {
        where: 'inputSizeReport',
        what: 'the model',
        expected: 'of the same parameters for both inputs',
        actual: `one without ${path} for the second`,
      });
    }
    return now.join() === shape.join() ? [] : [{ path, from: shape, to: now }];
  });
  const paths = changed.map(({ path }) => path).join(', ');
  const advice = changed.length
    ? [
        `train ${paths} anew`,
        'put adaptiveAveragePool before the first fully connected layer: it gives one size for all',
        'or turn fully connected layers into convolutions, which give a map of scores for larger images',
      ]
    : [];
  return { changed, advice };
}
