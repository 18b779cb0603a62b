/** Files with words that a person reads in the page, by their path inside the repository. */

/** Parts of the border with words the page shows, and whether they hold words alone. In the studio they stay English. */
const ofTheContract: ReadonlyMap<string, boolean> = new Map([
  ['preload/contract/amounts.ts', true],
  ['preload/contract/metrics.ts', true],
  ['preload/contract/assumptions.ts', false],
  ['preload/contract/external-help.ts', false],
  ['preload/contract/model-card.ts', false],
  ['preload/contract/runs-fields.ts', false],
  ['preload/contract/shortcuts.ts', false],
  ['preload/contract/speed.ts', false],
  ['preload/contract/table.ts', false],
]);

const ownFiles: ReadonlySet<string> = new Set([
  'renderer/locales/language.svelte.ts',
  'renderer/locales/pseudo.ts',
  // Words of both languages that are looked for and never shown.
  'renderer/help/also.ts',
]);

export function speaks(path: string): boolean {
  if (ofTheContract.has(path)) return true;
  return /^renderer\/.+\.(svelte|ts)$/.test(path) && !path.startsWith('renderer/locales/build/') && !ownFiles.has(path);
}

/** Tables and functions of words alone: there a single word in lower case is said as well. */
export function isWordFile(path: string): boolean {
  return ofTheContract.get(path) === true || path.startsWith('renderer/locales/') || path.endsWith('-words.ts');
}
