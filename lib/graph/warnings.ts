/** Advice that stops nothing: process warnings, each given once. */

const given = new Set<string>();

/** Emits a warning of the type ConvoltWarning, as `process.on('warning', ...)` hears it, once for each sentence. */
export function warn(where: string, sentence: string, path?: string): void {
  const message = `${where}: ${sentence}${path ? ` (at ${path})` : ''}`;
  if (given.has(message)) return;
  given.add(message);
  process.emitWarning(message, 'ConvoltWarning');
}
