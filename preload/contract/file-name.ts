/** A title as the name of a file, without its extension: "Six models, three datasets" as "six-models-three-datasets". */
export function baseName(title: string): string {
  const base = title
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60);
  return base === '' ? 'table' : base;
}
