/** Names that Windows keeps for devices, whatever extension follows. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/** A title as the name of a file, without its extension: "Six models, three datasets" as "six-models-three-datasets". Letters of all scripts stay, accents with them. */
export function baseName(title: string): string {
  const words = title
    .normalize('NFC')
    .replace(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '-')
    .toLowerCase();
  // Whole signs: half of one is no name.
  const base = Array.from(words.replace(/^-+/, '')).slice(0, 60).join('').replace(/-+$/, '');
  if (base === '') return 'table';
  return reserved.test(base) ? `${base}-table` : base;
}
