/** What a metric is. */
import type { Value } from '../graph/value';

/** Prediction and target to one float32 number per example, of which the mean is reported. No gradient is needed. */
export type Metric = (prediction: Value, target: Value) => Value;
