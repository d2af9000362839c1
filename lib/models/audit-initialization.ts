/** A look at the weights of a model before training: scale, sign, and what they do to the variance of signals. */
import type { Tensor } from '../graph/tensor';
import { type Node, reachable, type Value } from '../graph/value';
import { variance } from '../ops/reduce';
import { statePath } from '../ops/source';
import type { InputData } from './model';
import { observe, type Pick } from './observe';
import type { Session } from './session';

/** What was found about one weight. */
export interface WeightAudit {
  readonly path: string;
  readonly mean: number;
  readonly std: number;
  /** The share of numbers above 0: about half in trained networks, and in sound initialisations. */
  readonly positive: number;
  /** Var(out) / Var(in) of the layer on the probe, before its bias; undefined where the layer is no plain product. */
  readonly gain: number | undefined;
  /** What is wrong with it, in words. */
  readonly findings: readonly string[];
}

/** What a product or convolution with the weight is given and gives. */
function productWith(nodes: readonly Node[], weight: Value): { x: Value; y: Value } | undefined {
  const isProduct = ({ op }: Node) => op.name === 'matmul' || op.name === 'conv2d' || op.name === 'conv2dGradInput';
  const reshaped = nodes.flatMap(({ op, inputs, outputs }) =>
    op.name === 'reshape' && inputs[0] === weight ? (outputs[0] as Value) : [],
  );
  const found = nodes.find((node) => isProduct(node) && [weight, ...reshaped].includes(node.inputs[1] as Value));
  return found && { x: found.inputs[0] as Value, y: found.outputs[0] as Value };
}

function findingsOf({ std, positive, gain }: Omit<WeightAudit, 'path' | 'findings'>, count: number): string[] {
  if (std === 0) return ['all numbers are equal: units get equal gradients and stay equal'];
  const findings: string[] = [];
  const slack = 0.05 + 2 / Math.sqrt(count); // of few numbers the share is chance
  if (Math.abs(positive - 0.5) > slack)
    findings.push(`${Math.round(positive * 100)} % of the numbers are positive, not half`);
  if (gain !== undefined && gain < 0.1)
    findings.push(`signals fade: the variance becomes ${gain.toPrecision(2)} times`);
  if (gain !== undefined && gain > 10) findings.push(`signals grow: the variance becomes ${gain.toPrecision(2)} times`);
  return findings;
}

function audit(path: string, weight: Tensor, gain: number | undefined): WeightAudit {
  const data = weight.data as Float32Array;
  const mean = data.reduce((total, w) => total + w, 0) / data.length;
  const square = data.reduce((total, w) => total + (w - mean) ** 2, 0) / data.length;
  const positive = data.reduce((total, w) => total + Number(w > 0), 0) / data.length;
  const found = { mean, std: Math.sqrt(square), positive, gain };
  return { path, ...found, findings: findingsOf(found, data.length) };
}

/**
 * Audits every weight of a model, that is every parameter of two axes or more: mean, standard deviation, share of positive
 * numbers, and Var(out) / Var(in) of its layer on a probe batch. Converged networks have weights of mean 0, about half of
 * them positive, and so should initialisations; a gain near 1 (2 before a ReLU) keeps signals alive in deep networks
 * (Glorot and Bengio 2010; He et al. 2015).
 *
 * @param input a batch of inputs
 * @example for (const { path, findings } of await auditInitialization(session, images)) console.log(path, findings);
 */
export async function auditInitialization(session: Session, input: InputData): Promise<WeightAudit[]> {
  let paths: string[] = [];
  const pick: Pick = (trace, outputs) => {
    const weights = [...trace.declarations.values()].filter(
      ({ role, shape }) => role === 'parameter' && shape.length >= 2,
    );
    paths = weights.map(({ path }) => path);
    const nodes = reachable(outputs);
    const byPath = new Map(nodes.flatMap((node) => node.outputs.map((value) => [statePath(value), value] as const)));
    const variances = weights.flatMap(({ path }) => {
      const weight = byPath.get(path);
      const product = weight && productWith(nodes, weight);
      if (product?.x.dtype !== 'float32') return [];
      return [
        [`in ${path}`, variance(product.x)],
        [`out ${path}`, variance(product.y)],
      ] as const;
    });
    return { ...Object.fromEntries(variances), result: outputs[0] as Value };
  };
  const audits: WeightAudit[] = [];
  const whole = { batchSize: Number.POSITIVE_INFINITY };
  for await (const { values } of observe('auditInitialization', session, input, pick, whole)) {
    for (const path of paths) {
      const [before, behind] = [values[`in ${path}`]?.data[0], values[`out ${path}`]?.data[0]];
      const gain = before === undefined || behind === undefined || before === 0 ? undefined : behind / before;
      audits.push(audit(path, session.read(path), gain));
    }
  }
  return audits;
}
