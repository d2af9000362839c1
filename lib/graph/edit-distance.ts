/** How far one sequence is from another. */

/**
 * The least number of symbols to insert, to remove or to replace that makes `b` of `a` (Levenshtein 1966). Divided by
 * the length of the right sequence it is the error rate of speech recognition: of words, or of phonemes.
 *
 * @example editDistance('kitten', 'sitting') // 3
 */
export function editDistance<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (above[j] as number) + Number(a[i] !== b[j]);
      row.push(Math.min(replaced, 1 + (above[j + 1] as number), 1 + (row[j] as number)));
    }
    above = row;
  }
  return above[b.length] as number;
}
