/*
 * The pseudo-locale: English with accents, 40 % longer and in brackets, so that a person sees at once what is cut off and what
 * never went through a catalogue. Places of values and elements stay as they are.
 */
const plain = 'aceilnorstuyzACEILNORSTUYZ';
const accented = 'áçéíĺñóřšťúýžÁÇÉÍĹÑÓŘŠŤÚÝŽ';

/** "Saved" → "⟦Šávéd óó⟧". */
export function pseudo(key: string): string {
  const pieces = key.split(/(<\d+\/>)/);
  return pieces.map((piece) => (/^<\d+\/>$/.test(piece) || piece.trim() === '' ? piece : bracketed(piece))).join('');
}

function bracketed(text: string): string {
  const said = text
    .split(/(\{\d+\})/)
    .map((part, at) => (at % 2 === 1 ? part : [...part].map((letter) => accented[plain.indexOf(letter)] ?? letter).join('')))
    .join('');
  const letters = text.replace(/\{\d+\}/g, '').length;
  const words = Array.from({ length: Math.ceil(letters * 0.4) }, (_, at) => (at % 6 === 0 ? ' ' : 'o')).join('');
  return `⟦${said}${words}⟧`;
}
