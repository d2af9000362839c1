/** How far the inputs of layers drift while the layers below them learn (Ioffe and Szegedy 2015). */
import { expect } from '../graph/errors';
import type { Tensor } from '../graph/tensor';
import { valuesByName } from './fetch';
import type { InputData } from './model';
import { observe, type Pick } from './observe';
import { type ChannelMoments, momentsOf } from './population-statistics';
import type { Session } from './session';

/** The moments of one layer's values over the probe, and how far they have moved. */
export interface LayerShift extends ChannelMoments {
  /**
   * The mean over channels of |m / s - m' / s'|, with mean m and standard deviation s now and m' and s' at the measurement
   * before; undefined at the first one.
   */
  readonly drift: number | undefined;
}

/** mean / standard deviation of each channel; a constant channel counts as one of the least deviation in float32. */
const standardized = ({ mean, variance }: ChannelMoments): number[] =>
  mean.map((value, c) => value / Math.sqrt(Math.max(variance[c] as number, 1e-30)));

function driftOf(now: ChannelMoments, before: ChannelMoments): number {
  const old = standardized(before);
  const moves = standardized(now).map((value, c) => Math.abs(value - (old[c] as number)));
  return moves.reduce((total, move) => total + move, 0) / moves.length;
}

/**
 * Watches mean and variance of values inside of a model on the same inputs. Internal covariate shift is that they move
 * while the relation of input and target stays as it is: each layer must follow what those below it do. Batch
 * normalisation holds them still (Ioffe and Szegedy 2015).
 *
 * @example
 * const probe = covariateShiftProbe(session, validation.input, ['dense2', 'dense3']);
 * for await (const { epoch } of epochs(session, train)) {
 *   const { dense3 } = await probe.measure();
 *   console.log(epoch, dense3?.drift);
 * }
 */
export class CovariateShiftProbe {
  /** All measurements so far. */
  readonly log: Readonly<Record<string, LayerShift>>[] = [];

  constructor(
    private readonly session: Session,
    private readonly input: InputData,
    private readonly names: readonly string[],
  ) {
    expect(names.length > 0, 'OPTION', () => ({
      where: 'covariateShiftProbe',
      what: 'the names',
      expected: 'one at least',
      actual: 'none',
    }));
  }

  /** Runs the model on the probe's inputs as one batch, as training does, and compares with the measurement before. */
  async measure(): Promise<Readonly<Record<string, LayerShift>>> {
    const pick: Pick = (_, outputs) => valuesByName('covariateShiftProbe', outputs, this.names);
    const whole = { batchSize: Number.POSITIVE_INFINITY, training: true };
    let fetched: Readonly<Record<string, Tensor>> = {};
    for await (const { values } of observe('covariateShiftProbe', this.session, this.input, pick, whole))
      fetched = values;
    const last = this.log.at(-1);
    const shifts = this.names.map((name): [string, LayerShift] => {
      const moments = momentsOf(fetched[name] as Tensor);
      const before = last?.[name];
      return [name, { ...moments, drift: before && driftOf(moments, before) }];
    });
    const measured = Object.fromEntries(shifts);
    this.log.push(measured);
    return measured;
  }
}

/**
 * A probe of the values that `names` name: paths of layers, or names given by `tap`.
 *
 * @param input the examples that are measured each time
 */
export const covariateShiftProbe = (
  session: Session,
  input: InputData,
  names: readonly string[],
): CovariateShiftProbe => new CovariateShiftProbe(session, input, names);
