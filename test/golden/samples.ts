/** Small data sets as files; samples.py tells where they come from. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tensor, tensor } from '../../lib';

const read = <T>(name: string): T => JSON.parse(readFileSync(join(__dirname, `${name}.json`), 'utf8')) as T;

/** 150 flowers of 4 numbers, their 5 nearest neighbours by each distance, and the eigenvalues of their covariance. */
export function iris() {
  const file = read<{ data: number[]; neighbours: Record<'l2' | 'l1' | 'cosine', number[][]>; eigenvalues: number[] }>(
    'iris',
  );
  return { ...file, data: tensor(Float32Array.from(file.data), [150, 4]) };
}

/** 442 patients: 10 standardised numbers, and the standardised progress of their diabetes [442, 1]. */
export function diabetes(): { inputs: Tensor; targets: Tensor } {
  const { inputs, targets } = read<{ inputs: number[]; targets: number[] }>('diabetes');
  return {
    inputs: tensor(Float32Array.from(inputs), [442, 10]),
    targets: tensor(Float32Array.from(targets), [442, 1]),
  };
}
