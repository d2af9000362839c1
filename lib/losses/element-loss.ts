/** Losses that compare a prediction with a target of the same shape, element by element. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { expectEqualShapes, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

/** Makes the loss `name` of what it is for one element. */
export const elementLoss =
  (name: string, ofElement: (prediction: Value, target: Value) => Value) =>
  (options: ReductionOptions = {}): Loss => {
    expectOptions(name, options, reductionOptions);
    expectReduction(name, options);
    return (prediction, target) => {
      expectEqualShapes(name, prediction, target);
      return reduceLoss(ofElement(prediction, target), options);
    };
  };
