/** Advice that stops nothing: process warnings, each given once. */

const given = new Set<string>();

/** Emits a ConvoltWarning, as `process.on('warning', ...)` hears it; each sentence once, for the first place that it is true of. */
export function warn(where: string, sentence: string, place: string): void {
  if (given.has(sentence)) return;
  given.add(sentence);
  process.emitWarning(`${where}: ${sentence} (${place})`, 'ConvoltWarning');
}
