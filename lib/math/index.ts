/** Mathematics and calculators on the host: norms, sizes, costs, fields, information, components, groups, neighbours. */
export { type ChainRuleStep, chainRule, chainRuleExamples } from './chain-rule';
export { empiricalReceptiveField, type FieldBox } from './empirical-field';
export * from './information';
export { type KMeans, type KMeansOptions, kMeans } from './k-means';
export * from './layer-cost';
export {
  columnNorm,
  entryNorm,
  frobeniusNorm,
  inducedNorm,
  nuclearNorm,
  rowNorm,
  spectralNorm,
} from './matrix-norm';
export * from './nearest-neighbours';
export * from './output-size';
export * from './pca';
export * from './receptive-field';
export * from './sparsity';
export { vectorNorm } from './vector-norm';
