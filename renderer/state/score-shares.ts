/** Scores as sums: what interactions and each modality add to one. Pure. */
import type { RankedList } from '#contract/recommendation.ts';
import { words } from '#renderer/locales/en-recommendations.ts';
import { scoreText } from './recommendation-words.ts';
import { listed } from '#renderer/locales/format.ts';

export interface ShareExtent {
  /** The least sum of what lowers a score of the list, at most 0, and the greatest of what raises one. */
  readonly low: number;
  readonly high: number;
}

/** Common to the bars of a list; undefined where the run does not tell shares. */
export function shareExtent({ rows }: Pick<RankedList, 'rows'>): ShareExtent | undefined {
  const told = rows.flatMap(({ shares }) => (shares === undefined ? [] : [shares]));
  if (told.length === 0) return undefined;
  const sum = (shares: readonly number[], sign: 1 | -1) => shares.reduce((total, each) => (each * sign > 0 ? total + each : total), 0);
  return { low: Math.min(0, ...told.map((shares) => sum(shares, -1))), high: Math.max(0, ...told.map((shares) => sum(shares, 1))) };
}

/** Places 0 to 100 on a bar: what raises the score to the right of zero, what lowers it to the left, in the order of the sources. */
export function shareSegments(
  shares: readonly number[],
  { low, high }: ShareExtent,
): { readonly from: number; readonly to: number; readonly source: number }[] {
  const place = (value: number) => (high === low ? 0 : ((value - low) / (high - low)) * 100);
  let [up, down] = [0, 0];
  return shares.map((share, source) => {
    if (share < 0) {
      const to = place(down);
      down += share;
      return { from: place(down), to, source };
    }
    const from = place(up);
    up += share;
    return { from, to: place(up), source };
  });
}

/** "interactions 1.213, image 0.340, text −0.051". */
export function shareWords(sources: readonly string[], shares: readonly number[]): string {
  return listed(shares.map((share, source) => `${sourceName(sources[source] ?? '')} ${scoreText(share)}`));
}

/** A modality by its own name, interactions in the studio's words. */
export function sourceName(source: string): string {
  return source === 'interactions' ? words.behaviour : source;
}
