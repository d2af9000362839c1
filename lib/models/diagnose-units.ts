/** Which units never speak, and which shout all the time. */
import { expectNumber } from '../functions/option-values';
import { expectOptions } from '../graph/errors';
import { Scope } from '../graph/scope';
import type { Tensor } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { abs, cast, greater, lessEqual, mul, sub } from '../ops/elementwise';
import { max, mean } from '../ops/reduce';
import { constant, scalarConstant } from '../ops/source';
import { type Diagnosis, percent } from './diagnosis';
import { feedsFor, type InputData, signatureOf, tensorsOf } from './model';
import type { Session } from './session';

export interface UnitDiagnosisOptions {
  /** A sigmoid or tanh so near to a bound is saturated. Default 0.01. */
  readonly margin?: number;
  /** The share of dead units, or of saturated outputs, of a layer that is still normal. Default 0.3. */
  readonly most?: number;
}

/** How often the units of one activation are at work. */
export interface UnitActivity {
  /** Where the activation stands, and which it is. */
  readonly path: string;
  readonly kind: 'relu' | 'sigmoid' | 'tanh';
  /** Units: the length of the last axis. */
  readonly units: number;
  /** Share of the units whose output is 0 for every example; only relu has any. */
  readonly dead: number;
  /** Share of outputs within the margin of a bound; only sigmoid and tanh have any. */
  readonly saturated: number;
  /** Mean share of outputs above 0. In brains it is about 1 to 4 %. */
  readonly active: number;
}

/** The activity of all units, and what it means. */
export interface UnitDiagnosis extends Diagnosis<'dead' | 'saturated' | 'ok'> {
  readonly layers: readonly UnitActivity[];
}

const advice = {
  dead: [
    'a smaller learning rate',
    'leakyRelu, prelu or elu instead of relu',
    'He weights and biases of 0',
    'batch normalisation',
  ],
  saturated: [
    'Xavier weights',
    'batch normalisation before the activation',
    'relu instead',
    'inputs scaled to a variance of 1',
  ],
  ok: [],
} as const;

function kindOf(node: Node): UnitActivity['kind'] | undefined {
  const { name } = node.op;
  if (name === 'sigmoid' || name === 'tanh') return name;
  const isRelu = name === 'maximum' && node.inputs.some((input) => scalarConstant(input) === 0);
  return isRelu ? 'relu' : undefined;
}

const measures = ['dead', 'saturated', 'active'] as const;

/** The three shares of one activation, as scalars. */
function sharesOf(y: Value, kind: UnitActivity['kind'], margin: number): Record<(typeof measures)[number], Value> {
  const others = y.shape.map((_, axis) => axis).slice(0, -1);
  const share = (condition: Value) => mean(cast(condition, 'float32'));
  const distance = kind === 'sigmoid' ? abs(sub(mul(y, 2), 1)) : abs(y);
  const width = kind === 'sigmoid' ? 2 * margin : margin;
  return {
    dead: kind === 'relu' ? share(lessEqual(max(abs(y), { axes: others }), 0)) : constant(0),
    saturated: kind === 'relu' ? constant(0) : share(greater(distance, 1 - width)),
    active: share(greater(y, 0)),
  };
}

/**
 * Runs the model on `input` and looks at every relu, sigmoid and tanh: units of a relu that are 0 for all examples are dead,
 * since no gradient passes them; sigmoid and tanh near their bounds pass next to none.
 *
 * @param input as many examples as possible, in one batch
 * @example const { layers, verdict } = await diagnoseUnits(session, validation.input);
 */
export async function diagnoseUnits(
  session: Session,
  input: InputData,
  options: UnitDiagnosisOptions = {},
): Promise<UnitDiagnosis> {
  const where = 'diagnoseUnits';
  expectOptions(where, options, ['margin', 'most']);
  const { margin = 0.01, most = 0.3 } = options;
  expectNumber(where, 'margin', margin, { above: 0, below: 0.5 });
  expectNumber(where, 'most', most, { above: 0, most: 1 });
  const tensors = tensorsOf('input', input);
  const { executor } = session;
  const trace = executor.newTrace(false);
  const { feeds, value } = feedsFor('input', input);
  const result = session.model(value, new Scope(trace));
  const roots = 'node' in result ? [result as Value] : Object.values(result as Record<string, Value>);
  const nodes = reachable(roots).filter((node) => kindOf(node) && (node.outputs[0]?.shape.length ?? 0) >= 2);
  const found = nodes.map((node) => ({
    path: node.path ?? '',
    kind: kindOf(node) as UnitActivity['kind'],
    units: node.outputs[0]?.shape.at(-1) as number,
  }));
  if (nodes.length === 0) {
    return { verdict: 'ok', evidence: 'there is no relu, sigmoid or tanh to look at', advice: [], layers: [] };
  }
  const outputs = Object.fromEntries(
    nodes.flatMap((node, i) => {
      const shares = sharesOf(node.outputs[0] as Value, found[i]?.kind as UnitActivity['kind'], margin);
      return Object.entries(shares).map(([name, share]) => [`${i}.${name}`, share] as const);
    }),
  );
  const key = `${where} ${margin} ${signatureOf(tensors)}`;
  const program = await executor.program(key, () => ({ trace, feeds, outputs }));
  const { outputs: numbers } = await program.run(tensors);
  const layers = found.map((layer, i): UnitActivity => {
    const share = (name: (typeof measures)[number]) => (numbers[`${i}.${name}`] as Tensor).data[0] as number;
    return { ...layer, dead: share('dead'), saturated: share('saturated'), active: share('active') };
  });
  const worst = (name: 'dead' | 'saturated') => layers.toSorted((a, b) => b[name] - a[name])[0] as UnitActivity;
  for (const verdict of ['dead', 'saturated'] as const) {
    const layer = worst(verdict);
    if (layer[verdict] <= most) continue;
    const what = verdict === 'dead' ? 'units are dead' : 'outputs are saturated';
    const evidence = `${percent(layer[verdict])} of the ${what} in ${layer.path || layer.kind}`;
    return { verdict, evidence, advice: advice[verdict], layers };
  }
  const [dead, saturated] = [worst('dead').dead, worst('saturated').saturated];
  const evidence = `at most ${percent(dead)} of the units of a layer are dead and ${percent(saturated)} of its outputs saturated`;
  return { verdict: 'ok', evidence, advice: [], layers };
}
