/** Words and places of the Statistics tab that are more than a lookup. Pure. */
import { rowName } from '#contract/table-words.ts';
import type { Comparison, Statistics } from '#contract/statistics.ts';
import { groupHeading } from '#renderer/locales/segments.ts';

export function rowTitle(statistics: Pick<Statistics, 'rows'>, key: string): string {
  const row = statistics.rows.find((candidate) => candidate.key === key);
  return row === undefined ? key : rowName(row);
}

/** "Baby, Recall@20". */
export function columnTitle({ groups, metrics }: Pick<Statistics, 'groups' | 'metrics'>, column: number): string {
  const group = groups[Math.floor(column / metrics.length)];
  return `${group === undefined ? '' : groupHeading(group)}, ${metrics[column % metrics.length]?.label ?? ''}`;
}

export interface Forest {
  readonly zero: number;
  readonly band: readonly [number, number];
  /** One a comparison; undefined where there is no test. */
  readonly lines: readonly ({ readonly at: number; readonly low: number; readonly high: number } | undefined)[];
}

/** Differences with their intervals on one scale from 4 to 100, the band of the least difference around 0. */
export function forest(comparisons: readonly Comparison[], minimum: number): Forest {
  const ends = comparisons.flatMap(({ finding }) => (finding === undefined ? [] : [finding.difference, ...(finding.interval ?? [])]));
  const low = Math.min(0, -minimum, ...ends);
  const high = Math.max(0, minimum, ...ends);
  const span = high - low || 1;
  const x = (value: number) => 4 + ((value - low) / span) * 96;
  return {
    zero: x(0),
    band: [x(-minimum), x(minimum)],
    lines: comparisons.map(({ finding }) =>
      finding === undefined
        ? undefined
        : {
            at: x(finding.difference),
            low: x(finding.interval?.[0] ?? finding.difference),
            high: x(finding.interval?.[1] ?? finding.difference),
          },
    ),
  };
}

/** The comparison of two rows in a column, whichever of them stands first, with the side it is seen from. */
export function between(
  comparisons: readonly Comparison[],
  pair: { readonly row: string; readonly other: string; readonly column: number },
): { readonly comparison: Comparison; readonly isTurned: boolean } | undefined {
  for (const comparison of comparisons) {
    if (comparison.column !== pair.column) continue;
    if (comparison.first === pair.row && comparison.second === pair.other) return { comparison, isTurned: false };
    if (comparison.first === pair.other && comparison.second === pair.row) return { comparison, isTurned: true };
  }
  return undefined;
}
