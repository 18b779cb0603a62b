/** How wide LaTeX sets a table, from the widths of Computer Modern's letters: near enough to say how small its numbers come out. */
import { unsetCharacters } from './latex-text.ts';

/** Widths of cmr10's letters in thousandths of a quad. */
const widths: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    278: "ijl.,:;![]'`",
    306: 'f',
    333: '- ',
    361: 'I',
    389: 't()',
    392: 'rs',
    444: 'ecz',
    500: 'agoq/*"_|',
    514: 'J',
    528: 'kvxy',
    556: 'bdhnpuS',
    611: 'Z',
    625: 'L',
    653: 'F',
    681: 'EP',
    722: 'wCTV',
    736: 'R',
    750: 'ABDHKNOQUXYG&',
    778: '+=<>\u00b1\u00d7\u2264\u2265\u2212@',
    833: 'm%#',
    917: 'M',
    1028: 'W',
  }).flatMap(([width, letters]) => [...letters].map((letter) => [letter, Number(width)])),
);
const digit = 500;

/** What the smaller sizes add, since they are cut wider: \small, \footnotesize and \scriptsize of a document in 10 pt. */
export const sizes = {
  small: { points: 9, wider: 1.028 },
  footnote: { points: 8, wider: 1.062 },
  script: { points: 7, wider: 1.139 },
} as const;
export type Size = keyof typeof sizes;
const bolder = 1.15;

/** Points that a text takes in a line. */
export function textWidth(text: string, size: Size = 'small', isBold = false): number {
  const { points, wider } = sizes[size];
  let shown = text.normalize('NFC');
  for (const [code, character] of unsetCharacters(shown)) shown = shown.replaceAll(character, code);
  let sum = 0;
  for (const letter of shown.normalize('NFD')) {
    // Accents stand above their letter.
    if (/\p{M}/u.test(letter)) continue;
    sum += widths[letter] ?? digit;
  }
  return (sum / 1000) * points * wider * (isBold ? bolder : 1);
}

/** A text in lines of about a width, broken between words. */
export function brokenLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && textWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
