/** Which part of the input one unit sees. */
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';

/** A window: of a convolution or a pooling. */
export interface FieldLayer {
  /** Its side. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Pixels before the image. Default 0. */
  readonly padding?: number;
}

/** What one unit sees of the input. */
export interface ReceptiveField {
  /** The side of the part that one unit sees. */
  readonly size: number;
  /** Pixels of the input from one unit to the next. */
  readonly stride: number;
  /** Where the part that the first unit sees begins: negative within the padding. */
  readonly start: number;
  /** The middle of what the first unit sees, pixel 0 having its middle at 0.5. */
  readonly center: number;
}

/**
 * r <- r + dilation (kernel - 1) j and j <- j stride, from r = j = 1, layer after layer: the side r of what one unit sees,
 * and the distance j of neighbouring units in pixels of the input.
 *
 * Branches see what their largest one sees; layers that work pixel by pixel change nothing and are left out.
 *
 * @param layers windows from the input on
 * @throws ConvoltError `VALUE` for sizes that are no whole numbers
 * @example math.receptiveField([{ kernel: 3 }, { kernel: 3 }, { kernel: 3 }]).size // 7
 */
export function receptiveField(layers: readonly FieldLayer[]): ReceptiveField {
  let [size, jump, start] = [1, 1, 0];
  for (const layer of layers) {
    expectOptions('receptiveField', layer, ['kernel', 'stride', 'dilation', 'padding']);
    const { kernel, stride = 1, dilation = 1, padding = 0 } = layer;
    for (const [what, value] of Object.entries({ kernel, stride, dilation })) {
      expectWhole('receptiveField', `the ${what}`, value, 1);
    }
    expectWhole('receptiveField', 'the padding', padding, 0);
    size += dilation * (kernel - 1) * jump;
    start -= padding * jump;
    jump *= stride;
  }
  return { size, stride: jump, start, center: start + size / 2 };
}
