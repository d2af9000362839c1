/** Capital letters and digits of 5 x 7 pixels, for labels in pictures. */

/** Seven rows from top to bottom, each a digit of base 32 whose bits are the pixels from left to right. */
const glyphs: Readonly<Record<string, string>> = {
  A: 'ehhvhhh',
  B: 'uhhuhhu',
  C: 'ehggghe',
  D: 'uhhhhhu',
  E: 'vgguggv',
  F: 'vgguggg',
  G: 'ehgnhhe',
  H: 'hhhvhhh',
  I: 'e44444e',
  J: '72222ic',
  K: 'hikokih',
  L: 'ggggggv',
  M: 'hrllhhh',
  N: 'hplljhh',
  O: 'ehhhhhe',
  P: 'uhhuggg',
  Q: 'ehhhlid',
  R: 'uhhukih',
  S: 'ehge1he',
  T: 'v444444',
  U: 'hhhhhhe',
  V: 'hhhhha4',
  W: 'hhhllrh',
  X: 'hha4ahh',
  Y: 'hha4444',
  Z: 'v1248gv',
  0: 'ehjlphe',
  1: '4c4444e',
  2: 'eh1248v',
  3: 'eh161he',
  4: '26aiv22',
  5: 'vgu11he',
  6: 'eguhhhe',
  7: 'v124444',
  8: 'ehhehhe',
  9: 'ehhhf1e',
  '-': '000v000',
};

/** Width and height of a character with the space behind it. */
export const glyphSize = { width: 6, height: 7 } as const;

/** The pixels of a text as [x, y]; characters that there are not leave a gap. */
export function textPixels(text: string): (readonly [x: number, y: number])[] {
  return [...text.toUpperCase()].flatMap((character, place) =>
    [...(glyphs[character] ?? '')].flatMap((row, y) =>
      [0, 1, 2, 3, 4]
        .filter((x) => (Number.parseInt(row, 32) >> (4 - x)) & 1)
        .map((x) => [place * glyphSize.width + x, y] as const),
    ),
  );
}
