/** Quantization-aware training: a model that computes with the numbers that bytes can stand for, and learns to. */
import { planQuantization } from '../compiler/quantization-plan';
import { rewriteQuantized } from '../compiler/quantize';
import { expectChoice, expectNumber } from '../functions/option-values';
import { expect, expectOptions } from '../graph/errors';
import type { Scope } from '../graph/scope';
import { isValue, type Value } from '../graph/value';
import { zeros } from '../initializers/constant';
import { rewritten } from '../models/compile-for-inference';
import { type Model, type ModelInput, mapInput } from '../models/model';
import type { Session } from '../models/session';
import { add, clip, div, greater, maximum, minimum, mul, neg, reciprocal, round, sub, where } from '../ops/elementwise';
import { leastScale, quantizationOf, type WeightBits } from '../ops/quantization-range';
import type { Quantization } from '../ops/quantize-linear';
import { max, min } from '../ops/reduce';
import { stopGradient } from '../ops/shape';
import { feed } from '../ops/source';
import { keeper } from './keep';
import { convertiblePasses } from './rewrite-template';
import { SimulatedArithmetic, type SimulatedCode } from './simulated-arithmetic';

export interface QuantizationAwareOptions {
  /** Of weights: 7 (default) or 8, as `quantize` will be told. */
  readonly bits?: WeightBits;
  /** Weight of a batch's least and largest number in the running ones, after the first batches. Default 0.01. */
  readonly momentum?: number;
  /** Paths of layers that stay in float32. */
  readonly keep?: readonly string[];
}

/** What a model that is aware of quantization was made of. */
interface Awareness {
  readonly model: Model;
  readonly bits: WeightBits;
  readonly keep: readonly string[];
}

const awareness = new WeakMap<Model, Awareness>();

/** What `quantizationAware` made the model of, or nothing for any other model. */
export const awarenessOf = (model: Model): Awareness | undefined => awareness.get(model);

/** Path of the running range of a code. */
const pathOf = (code: number, end: 'low' | 'high') => `range${code}.${end}`;

/** Steps that have been watched. */
const stepsPath = 'quantizationSteps';

/** s = (high - low) / 255, z = round(-low / s), as `quantizationOf` has it. */
function codeOf(low: Value, high: Value): SimulatedCode {
  const scale = maximum(div(sub(high, low), 255), leastScale);
  return { scale, zeroPoint: clip(round(div(neg(low), scale)), 0, 255) };
}

/** Keeps the running ranges of the codes: those before this step are computed with. */
class RunningRanges {
  readonly codes: SimulatedCode[] = [];
  private readonly met = new Map<number, { low: Value; high: Value }>();
  private readonly steps: Value;

  constructor(
    private readonly scope: Scope,
    count: number,
    private readonly momentum: number,
  ) {
    this.steps = scope.state(stepsPath, [], zeros);
    for (let code = 0; code < count; code++) this.codes.push(codeOf(this.state(code, 'low'), this.state(code, 'high')));
  }

  private state = (code: number, end: 'low' | 'high'): Value => this.scope.state(pathOf(code, end), [], zeros);

  /** Nothing is rounded before a range was seen. */
  pass = (x: Value, rounded: Value): Value => where(greater(this.steps, 0), rounded, x);

  observe = (x: Value, code: number): void => {
    if (!this.scope.training) return;
    const before = this.met.get(code);
    const [low, high] = [minimum(min(stopGradient(x)), 0), maximum(max(stopGradient(x)), 0)];
    this.met.set(code, before ? { low: minimum(before.low, low), high: maximum(before.high, high) } : { low, high });
  };

  /** Moves the ranges towards those of this batch: r <- r + max(m, 1 / steps) (batch - r). */
  update(): void {
    if (!this.scope.training) return;
    const next = add(this.steps, 1);
    const weight = maximum(reciprocal(next), this.momentum);
    this.scope.update(this.steps, next);
    for (const [code, ends] of this.met) {
      for (const end of ['low', 'high'] as const) {
        const running = this.state(code, end);
        this.scope.update(running, add(running, mul(sub(ends[end], running), weight)));
      }
    }
  }
}

/**
 * Makes a model for quantization-aware training: the model as inference has it (batch normalisation with its running
 * statistics and folded into the weights, no dropout), in which weights, biases and activations are rounded to the
 * numbers that the quantized model will have. Gradients go straight through the rounding, and not to what is saturated
 * (Jacob et al. 2018; Krishnamoorthi 2018). Ranges of activations are running means of the least and largest numbers of
 * the batches.
 *
 * Parameters have the paths of the model, so that its checkpoint can be loaded; some epochs at a low rate are usual.
 * `quantize` makes the trained model one of bytes, with the integers that training has simulated.
 *
 * @throws ConvoltError `OPTION` or `VALUE` for bad options
 * @example
 * const aware = new Session(compress.quantizationAware(net), { loss, optimizer: optimizers.adam({ rate: 1e-4 }) });
 * await aware.load('net.safetensors');
 * await fit(aware, train, { epochs: 2 });
 * const { model } = await compress.quantize(aware, train.input);
 */
export function quantizationAware(model: Model, options: QuantizationAwareOptions = {}): Model {
  const place = 'quantizationAware';
  expectOptions(place, options, ['bits', 'momentum', 'keep']);
  const { bits = 7, momentum = 0.01, keep = [] } = options;
  expectChoice(place, 'bits', String(bits), ['7', '8']);
  expectNumber(place, 'momentum', momentum, { above: 0, most: 1 });
  const aware: Model = (input: ModelInput, scope: Scope) => {
    const given = new Map<Value, Value>();
    const placeholder = mapInput(
      input,
      (value, name) => {
        const held = feed(name, value.shape, value.dtype);
        given.set(held, value);
        return held;
      },
      'input',
    );
    const result = model(placeholder, scope.inference());
    const outputs = rewritten(isValue(result) ? { output: result } : { ...result }, convertiblePasses);
    const plan = planQuantization(Object.values(outputs), keeper(keep));
    const ranges = new RunningRanges(scope, plan.codes, momentum);
    const { codes, pass, observe } = ranges;
    const now = rewriteQuantized(plan, new SimulatedArithmetic(codes, bits, pass, observe), given);
    ranges.update();
    const simulated = Object.entries(outputs).map(([name, value]) => [name, now(value)] as const);
    return isValue(result) ? (simulated[0]?.[1] as Value) : Object.fromEntries(simulated);
  };
  awareness.set(aware, { model, bits, keep });
  return aware;
}

/**
 * The codes that training has ended with.
 *
 * @throws ConvoltError `STATE` when no step was made
 */
export function learnedCodes(session: Session, count: number): Quantization[] {
  const { store } = session.executor;
  const isTrained = store.has(stepsPath) && (store.read(stepsPath).data[0] as number) > 0;
  expect(isTrained, 'STATE', () => ({
    where: 'quantize',
    what: 'the model',
    expected: 'trained for a step at least, so that its ranges are known',
    actual: 'one without a step',
  }));
  const read = (code: number, end: 'low' | 'high') => store.read(pathOf(code, end)).data[0] as number;
  return Array.from({ length: count }, (_, code) => quantizationOf(read(code, 'low'), read(code, 'high')));
}
