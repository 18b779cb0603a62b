/** The marks that stand on letters of Latin, Greek and Cyrillic; those of other scripts make other letters. */
const marks = /[\u0300-\u036f]/g;

/** Text as searches compare it: no case, no accents, and no difference between a letter with its accent and a letter beside it. Pure. */
export function searchable(text: string): string {
  const lower = text.toLowerCase();
  return /^[\u0000-\u007f]*$/.test(lower) ? lower : lower.normalize('NFKD').replace(marks, '').normalize('NFC');
}
