/** Blocks side by side on one input, and their results merged; with a way around it is a residual block. */

import { expectMerge, type Merge, mergeValues } from '../functions/merge';
import { expectOptions } from '../graph/errors';
import { type Blocks, resolveBlocks } from './blocks';
import { type Block, type Layer, layer, renamed } from './layer';

/**
 * Applies every block to the same input and merges the results.
 *
 * @param options.merge 'concat' (default) along the channels, 'add' or 'multiply' of equal shapes, or a function
 * @throws ConvoltError `SHAPE` while tracing when the results do not fit
 * @example branch({ wide: conv2d(8, 5, { padding: 'same' }), point: conv2d(8, 1) }) // [N, H, W, 16]
 */
export function branch(blocks: Blocks, options: { merge?: Merge } = {}): Layer {
  expectOptions('branch', options, ['merge']);
  const { merge = 'concat' } = options;
  expectMerge('branch', merge);
  const listed = resolveBlocks('branch', blocks);
  return layer('branch', (x, scope) => {
    const results = listed.map((block) => block(x, scope));
    return mergeValues(results, merge);
  });
}

/**
 * body(x) + x, or body(x) + shortcut(x) (He et al. 2016).
 *
 * @param options.shortcut what brings x to the shape of body(x), e.g. a convolution of size 1; its parameters stand
 *   under `shortcut`
 * @throws ConvoltError `SHAPE` while tracing when the two differ in shape
 * @example residual(sequential(conv2d(16, 3, { padding: 'same' }), batchNorm(), relu()))
 */
export function residual(body: Block, options: { shortcut?: Block } = {}): Layer {
  expectOptions('residual', options, ['shortcut']);
  const { shortcut } = options;
  const around: Block = shortcut ? renamed('shortcut', shortcut) : (x) => x;
  return layer('residual', (x, scope) => mergeValues([body(x, scope), around(x, scope)], 'add'));
}
