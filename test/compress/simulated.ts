/** A quantized graph beside the float graph that simulates it, with the same codes. */

import type { Session } from '../../lib';
import { planQuantization } from '../../lib/compiler/quantization-plan';
import { rewriteQuantized } from '../../lib/compiler/quantize';
import { simplify } from '../../lib/compiler/simplify';
import { unfuse } from '../../lib/compiler/unfuse';
import { calibrate } from '../../lib/compress/calibrate';
import { outputsAt, rewriteTemplate } from '../../lib/compress/rewrite-template';
import { SimulatedArithmetic } from '../../lib/compress/simulated-arithmetic';
import type { Tensor } from '../../lib/graph/tensor';
import type { Value } from '../../lib/graph/value';
import { foldingPasses, freeze } from '../../lib/models/compile-for-inference';
import type { WeightBits } from '../../lib/ops/quantization-range';
import { constant } from '../../lib/ops/source';
import { evaluate, type Tensor64, widen } from '../../lib/reference';

/** The output of a session's model as quantized layers would give it, in float64 but for the codes. */
export async function simulatedOutput(
  session: Session,
  input: Tensor,
  { bits = 7, method = 'minMax' }: { bits?: WeightBits; method?: 'minMax' | 'percentile' } = {},
): Promise<Tensor64> {
  const { frozen } = await freeze(session, input, { where: 'test', batch: 'any', passes: foldingPasses });
  const template = await rewriteTemplate(frozen.template, [unfuse, simplify]);
  const options = { method, percent: 99.99, keep: () => false, isAnyBatch: true };
  const codes = await calibrate(template, input, options);
  const { output } = outputsAt(template, input.shape[0] as number) as { output: Value };
  const scalars = codes.map(({ scale, zeroPoint }) => ({ scale: constant(scale), zeroPoint: constant(zeroPoint) }));
  const simulated = rewriteQuantized(planQuantization([output]), new SimulatedArithmetic(scalars, bits))(output);
  return evaluate([simulated], new Map([['input', widen(input)]]))[0] as Tensor64;
}
