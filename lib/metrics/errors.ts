/** Mean errors of regression, per example. */
import { absoluteError } from '../losses/absolute-error';
import { squaredError } from '../losses/squared-error';
import type { Metric } from './metric';

/** The mean of |prediction - target| over the outputs of an example. */
export const meanAbsoluteError = (): Metric => absoluteError();

/** The mean of (prediction - target)^2 over the outputs of an example. */
export const meanSquaredError = (): Metric => squaredError();
