/** Values of a table's runs by the segments of their datasets, gathered before the table is laid out. */
import type { GroupSegment } from '#contract/table.ts';
import { segmentsOfRuns, type ProfileNeeds } from './profile.ts';
import { tableLayout, type ParsedTableRequest, type SegmentedRuns } from './table-layout.ts';

/** Undefined where no segments are asked for. @throws ProblemError table.*, dataset.* */
export async function segmentedRuns(needs: ProfileNeeds, request: ParsedTableRequest): Promise<SegmentedRuns | undefined> {
  const { segments: side } = request;
  if (side === undefined) return undefined;
  const layout = tableLayout(needs.source, request);
  const { segments, found } = await segmentsOfRuns(needs, layout);
  const metrics = layout.metrics.map(({ key }) => key);
  const all = new Map(
    Object.entries(segments).map(([dataset, own]) => [
      dataset,
      own[side].map(({ id, label, about, n }): GroupSegment => ({ of: side, id, label, about, n })),
    ]),
  );
  return {
    // Nobody to average is no column.
    of: (dataset) => (all.get(dataset) ?? []).filter(({ n }) => n > 0),
    values: (entry, { id }, metric) => {
      const at = all.get(entry.dataset)?.findIndex((segment) => segment.id === id) ?? -1;
      const column = metrics.indexOf(metric);
      return entry.runs.map(({ summary }) => found.get(summary.id)?.[side]?.means[column]?.[at] ?? undefined);
    },
  };
}
