/**
 * What a table of test values says of those that could be seen before any choice was recorded. An experiment of one configuration has nothing to
 * select and shows test as its runs finish (protocol.md S1); who starts candidates one by one in such experiments has seen test of each.
 */
import { grouped } from '#contract/grouped.ts';
import type { Table } from '#contract/table.ts';
import type { ComparedExperiment, ComparisonSource, Configuration } from './compared-run.ts';

export interface VisibleTest {
  readonly selection: NonNullable<Table['selection']>;
  /** A sentence for the caption; empty where every value was selected, or nothing could be. */
  readonly caption: string;
  /** By model and dataset, where several configurations could be seen. */
  readonly warnings: readonly string[];
}

export function visibleTest(
  source: ComparisonSource,
  experiments: readonly (ComparedExperiment | undefined)[],
  included: readonly Configuration[],
): VisibleTest {
  const isFrozen = experiments.some((experiment) => experiment?.frozen === true);
  const open = experiments.filter((experiment) => experiment?.frozen !== true).length;
  const places = [...grouped(included, ({ model, dataset }) => `${model}\n${dataset}`).values()].map(([entry]) => entry!);
  const counts = source.shownUnselected?.(places) ?? [];
  const seen = places.flatMap((entry, at) => {
    const count = counts[at] ?? 0;
    const run = entry.runs[0] ?? entry.unfinished[0];
    // One that stands alone was chosen among no others.
    return run === undefined || count < (open > 0 ? 2 : 1)
      ? []
      : [{ place: `${run.summary.modelTitle} on ${run.summary.datasetName}`, count }];
  });
  const warnings = seen.map(({ place, count }) =>
    count === 1
      ? `${place}: test values of one configuration were visible without a frozen selection`
      : `${place}: test values of ${count} configurations were visible without a frozen selection`,
  );
  const selection = isFrozen ? (open > 0 ? 'partly' : 'frozen') : open > 1 || seen.length > 0 ? 'unfrozen' : 'none';
  return { selection, caption: captionOf(selection, seen), warnings };
}

function captionOf(selection: VisibleTest['selection'], seen: readonly { readonly count: number }[]): string {
  if (selection === 'none') return 'One configuration a dataset: nothing was selected.';
  const most = Math.max(0, ...seen.map(({ count }) => count));
  if (most > 1) return `Test values of up to ${most} configurations of a model were visible without a frozen selection.`;
  if (selection === 'unfrozen') return 'No selection was frozen: test values were visible as runs finished.';
  return selection === 'partly' ? 'Other test values were visible as runs finished, without a frozen selection.' : '';
}
