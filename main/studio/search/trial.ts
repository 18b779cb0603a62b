import type { Point } from './space.ts';

/** What became of a trial, in validation values alone. */
export type Outcome =
  /** Waiting, at work or paused. */
  | { readonly kind: 'open' }
  /** Its objective: mean validation Recall@20 over its seeds, or of the first one where hopeless runs end early. */
  | { readonly kind: 'finished'; readonly value: number }
  /** Ended by successive halving at an epoch, with its best value up to there. */
  | { readonly kind: 'halted'; readonly epoch: number; readonly value: number }
  /** Diverged or broken: known to be of no use. */
  | { readonly kind: 'failed' }
  /** Stopped or thrown away by a person: says nothing about the point. */
  | { readonly kind: 'unknown' };

export interface Trial {
  readonly point: Point;
  readonly outcome: Outcome;
}

/** Best first: finished by value, then ended ones by how far they came and by value, then failed ones. Open and unknown ones are left out. */
export function ranked(trials: readonly Trial[]): Trial[] {
  const place = ({ outcome }: Trial): readonly [number, number] | undefined => {
    switch (outcome.kind) {
      case 'finished':
        return [Number.POSITIVE_INFINITY, outcome.value];
      case 'halted':
        return [outcome.epoch, outcome.value];
      case 'failed':
        return [-1, 0];
      case 'open':
      case 'unknown':
        return undefined;
      default:
        return outcome satisfies never;
    }
  };
  return trials
    .flatMap((trial, index) => {
      const at = place(trial);
      return at === undefined ? [] : [{ trial, at, index }];
    })
    .sort((a, b) => compare(b.at[0], a.at[0]) || compare(b.at[1], a.at[1]) || a.index - b.index)
    .map(({ trial }) => trial);
}

// Infinity minus itself is no number.
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
