/** Stages of an optimizer that correct parameters after the step; what a layer demands is `constraint` of `scope.param`. */
import type { Value } from '../graph/value';
import { add, sub } from '../ops/elementwise';
import { matches, type PathMatch } from '../optimizers/path-match';
import { mapUpdates, type Transform } from '../optimizers/transform';

/** w + u becomes `corrected(w + u)`, for the parameters that match. It must be the last stage. */
export const proximal =
  (match: PathMatch, corrected: (next: Value, scope: Parameters<Transform>[2]) => Value): Transform =>
  (updates, parameters, scope) =>
    mapUpdates(updates, (update, path) => {
      if (!matches(match, path)) return update;
      const w = parameters.get(path) as Value;
      return sub(corrected(add(w, update), scope), w);
    });
