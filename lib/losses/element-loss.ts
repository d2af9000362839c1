/** Losses that compare a prediction with a target of the same shape, element by element. */
import { expectOptions } from '../graph/errors';
import type { Value } from '../graph/value';
import { expectEqualShapes, type Loss } from './loss';
import { expectReduction, type ReductionOptions, reduceLoss, reductionOptions } from './reduce-loss';

/** Makes the loss `name` of what it is for one element; `extra` names the options that it has of its own. */
export const elementLoss =
  <O extends ReductionOptions = ReductionOptions>(
    name: string,
    ofElement: (prediction: Value, target: Value, options: O) => Value,
    extra: readonly string[] = [],
    check: (options: O) => void = () => {},
  ) =>
  (options: O = {} as O): Loss => {
    expectOptions(name, options, [...extra, ...reductionOptions]);
    expectReduction(name, options);
    check(options);
    return (prediction, target) => {
      expectEqualShapes(name, prediction, target);
      return reduceLoss(ofElement(prediction, target, options), options);
    };
  };
