/** The one list of op cases: value tests, gradient tests and the op benchmark all walk it. */
import { bitCases } from './bits';
import type { OpCase } from './case';
import { convCases } from './conv';
import { convTransposeCases } from './conv-transpose';
import { elementwiseCases } from './elementwise';
import { fftCases } from './fft';
import { indexingCases } from './indexing';
import { invertedBottleneckCases } from './inverted-bottleneck';
import { matmulCases } from './matmul';
import { poolCases } from './pool';
import { quantizedCases } from './quantized';
import { randomCases } from './random';
import { recurrentCases } from './recurrent';
import { reduceCases } from './reduce';
import { scanCases } from './scan';
import { shapeCases } from './shape';
import { softmaxCases } from './softmax';
import { statisticsCases } from './statistics';
import { typeCases } from './types';

export { applyByName, type BuiltCase, buildCase, type OpCase } from './case';

export const cases: readonly OpCase[] = [
  ...elementwiseCases,
  ...typeCases,
  ...reduceCases,
  ...matmulCases,
  ...convCases,
  ...convTransposeCases,
  ...invertedBottleneckCases,
  ...bitCases,
  ...poolCases,
  ...quantizedCases,
  ...shapeCases,
  ...indexingCases,
  ...softmaxCases,
  ...statisticsCases,
  ...fftCases,
  ...scanCases,
  ...recurrentCases,
  ...randomCases,
];
