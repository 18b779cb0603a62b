/** Any text as LaTeX that pdflatex with base packages sets. What its fonts lack is written as a code point, never dropped silently. */
const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  '\u00b1': '$\\pm$',
  '\u00d7': '$\\times$',
  '\u2212': '$-$',
  '\u2264': '$\\le$',
  '\u2265': '$\\ge$',
  '\u03bb': '$\\lambda$',
  '\u03c4': '$\\tau$',
  '\u03b1': '$\\alpha$',
  '\u03b2': '$\\beta$',
  '\u03b5': '$\\varepsilon$',
  '\u2013': '--',
  '\u2014': '---',
  '\u2018': '`',
  '\u2019': "'",
  '\u201c': '``',
  '\u201d': "''",
  '\u2026': '\\ldots{}',
  '\u00b7': '$\\cdot$',
  '\u00a0': '~',
  '\u00b0': '$^{\\circ}$',
  '\u00b5': '$\\mu$',
  '\u25c7': '$\\diamond$',
  '\u2020': '$\\dagger$',
};

/** Latin letters that the default UTF-8 input encoding builds from base fonts. */
const builtLetters =
  /[\u00c0-\u00c5\u00c7-\u00cf\u00d1-\u00d6\u00d8-\u00dd\u00df-\u00e5\u00e7-\u00ef\u00f1-\u00f6\u00f8-\u00fd\u00ff\u00e6\u00c6\u0152\u0153\u0160\u0161\u017d\u017e\u010c\u010d\u0106\u0107\u0141\u0142\u0143\u0144\u015a\u015b]/u;

/** Escapes text for LaTeX; new lines become spaces. */
export function latexText(value: string): string {
  let result = '';
  for (const character of value.normalize('NFC')) {
    const mapped = special[character];
    if (mapped !== undefined) result += mapped;
    else if (/\s/u.test(character)) result += ' ';
    else if (/^[\x20-\x7e]$/.test(character) || builtLetters.test(character)) result += character;
    else result += codePoint(character);
  }
  return result;
}

const codePoint = (character: string): string => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** The characters that are written as code points, each once in order, for a comment that says what they are. */
export function unsetCharacters(value: string): readonly (readonly [code: string, character: string])[] {
  const isUnset = (character: string) =>
    special[character] === undefined && !/\s/u.test(character) && !/^[\x20-\x7e]$/.test(character) && !builtLetters.test(character);
  // Signs without a picture of their own (marks, controls) would change what stands around them.
  return [...new Set(value.normalize('NFC'))]
    .filter((sign) => isUnset(sign) && /[\p{L}\p{N}\p{S}]/u.test(sign))
    .map((sign) => [codePoint(sign), sign]);
}
