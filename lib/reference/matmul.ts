/** Matrix products in float64: y[..., i, j] = sum over k of a[..., i, k] * b[..., k, j]. */
import { at, attributesOf, type Family, generate, outputShape } from './tensor64';

export const matmul: Family = {
  matmul: (node, a, b) => {
    const { transposeA, transposeB } = attributesOf<{ transposeA?: boolean; transposeB?: boolean }>(node);
    const inner = a.shape.at(transposeA ? -2 : -1) as number;
    const product = ([...index]: number[]): number => {
      const [i, j] = index.splice(-2) as [number, number];
      const lead = b.shape.length === 2 ? [] : index;
      let total = 0;
      for (let k = 0; k < inner; k++) {
        total +=
          at(a, [...index, ...(transposeA ? [k, i] : [i, k])]) * at(b, [...lead, ...(transposeB ? [j, k] : [k, j])]);
      }
      return total;
    };
    return [generate(outputShape(node), product)];
  },
};
