/** Parameters and multiply-adds of single layers, by formula. */
import { expectOptions } from '../graph/errors';
import { expectWhole } from '../graph/whole';

/** What a layer has and does. One multiply-add is one multiplication and one addition: two floating-point operations. */
export interface LayerCost {
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** The sizes of a convolution. */
export interface ConvolutionSize {
  /** Height and width of the output. */
  readonly height: number;
  readonly width: number;
  /** Input channels C. */
  readonly channels: number;
  /** Output channels D. */
  readonly filters: number;
  /** Side K of the square kernel. */
  readonly kernel: number;
  /** Default 1; as many as channels for a depthwise convolution. */
  readonly groups?: number;
  /** Default true. */
  readonly bias?: boolean;
}

/** Throws unless all are whole numbers of at least 1. */
function expectSizes(where: string, sizes: Readonly<Record<string, number>>): void {
  for (const [what, value] of Object.entries(sizes)) expectWhole(where, what, value, 1);
}

/**
 * K^2 (C / groups) D + D parameters and H W K^2 (C / groups) D multiply-adds of a convolution.
 *
 * @throws ConvoltError `VALUE` for sizes that are no whole numbers, or channels that groups do not divide
 * @example math.convolutionCost({ height: 56, width: 56, channels: 64, filters: 128, kernel: 3 }).multiplyAdds // 231211008
 */
export function convolutionCost(size: ConvolutionSize): LayerCost {
  expectOptions('convolutionCost', size, ['height', 'width', 'channels', 'filters', 'kernel', 'groups', 'bias']);
  const { height, width, channels, filters, kernel, groups = 1, bias = true } = size;
  expectSizes('convolutionCost', { height, width, channels, filters, kernel, groups });
  expectWhole('convolutionCost', 'channels / groups', channels / groups, 1);
  const weights = kernel * kernel * (channels / groups) * filters;
  return { parameters: weights + (bias ? filters : 0), multiplyAdds: height * width * weights };
}

/**
 * A depthwise convolution, one K x K filter per channel, followed by a 1 x 1 convolution to D channels: the factor
 * 1 / D + 1 / K^2 of the work of a full one.
 *
 * @example math.separableCost({ height: 56, width: 56, channels: 64, filters: 128, kernel: 3 }).multiplyAdds // 27496448
 */
export function separableCost(size: Omit<ConvolutionSize, 'groups'>): LayerCost {
  const { channels } = size;
  const depthwise = convolutionCost({ ...size, filters: channels, groups: channels });
  const pointwise = convolutionCost({ ...size, kernel: 1 });
  return {
    parameters: depthwise.parameters + pointwise.parameters,
    multiplyAdds: depthwise.multiplyAdds + pointwise.multiplyAdds,
  };
}

/**
 * n m + m parameters and n m multiply-adds of a dense layer from n to m numbers.
 *
 * @example math.denseCost({ inputs: 4096, outputs: 1000 }).parameters // 4097000
 */
export function denseCost(size: { inputs: number; outputs: number; bias?: boolean }): LayerCost {
  expectOptions('denseCost', size, ['inputs', 'outputs', 'bias']);
  const { inputs, outputs, bias = true } = size;
  expectSizes('denseCost', { inputs, outputs });
  return { parameters: inputs * outputs + (bias ? outputs : 0), multiplyAdds: inputs * outputs };
}

/** Products of a step: of the simple recurrent network, of the GRU, of the LSTM. */
const gates = { rnn: 1, gru: 3, lstm: 4 } as const;

/**
 * g (n m + m^2 + m) parameters and g (n m + m^2) multiply-adds per step of a recurrent layer from n numbers to m units,
 * with g = 1, 3, 4 products for `rnn`, `gru`, `lstm`.
 *
 * @example math.recurrentCost({ kind: 'lstm', inputs: 8, units: 16, steps: 10 })
 */
export function recurrentCost(size: {
  kind: keyof typeof gates;
  inputs: number;
  units: number;
  steps: number;
}): LayerCost {
  expectOptions('recurrentCost', size, ['kind', 'inputs', 'units', 'steps']);
  const { kind, inputs, units, steps } = size;
  expectSizes('recurrentCost', { inputs, units, steps });
  const weights = gates[kind] * (inputs * units + units * units);
  return { parameters: weights + gates[kind] * units, multiplyAdds: steps * weights };
}

/** gamma and beta per channel: parameters of a batch normalisation, which costs no multiply-adds once it is folded away. */
export function batchNormCost(channels: number): LayerCost {
  expectSizes('batchNormCost', { channels });
  return { parameters: 2 * channels, multiplyAdds: 0 };
}
