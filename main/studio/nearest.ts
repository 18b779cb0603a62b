/** The nearest of some known names, for "did you mean". */

/** Number of single-letter changes between two names. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The known name that is closest, where it is close enough to be meant: about a third of the letters may differ, two of a short name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const allowed = name.length <= 3 ? 1 : Math.max(2, Math.floor(name.length / 3));
  return best !== undefined && best.distance <= allowed ? best.candidate : undefined;
}

/** `"ii_kk" is not among the settings of egra; nearest: ii_k. Known: …`; the nearest only where it may have been meant. */
export function unknownKey(key: string, known: readonly string[], what: string): string {
  const near = nearest(key, known);
  return `"${key}" is not among the ${what}${near === undefined ? '' : `; nearest: ${near}`}. Known: ${known.join(', ')}`;
}
