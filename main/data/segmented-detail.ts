import type { DatasetDetail } from '#contract/dataset.ts';
import { defaultSegments, userSegments } from '#contract/segments.ts';
import { openDataset } from './dataset-folder.ts';
import { countIds } from './fingerprint.ts';
import { segmentSizes } from './statistics.ts';

/** The detail with its segments counted in their present bounds; those it was imported with are in the manifest already. */
export async function inSegments(detail: DatasetDetail): Promise<DatasetDetail> {
  const { distributions, segments } = detail;
  const named = JSON.stringify(segments) === JSON.stringify(defaultSegments) ? namedAnew(distributions.userSegments) : undefined;
  if (named !== undefined) return { ...detail, distributions: { ...distributions, userSegments: named } };
  const dataset = await openDataset(detail.folder, { features: false });
  const sizes = segmentSizes(countIds(dataset.train.users, dataset.users), countIds(dataset.train.items, dataset.items), segments);
  return {
    ...detail,
    distributions: {
      ...distributions,
      userSegments: sizes.users,
      itemSegments: sizes.items,
      popularity: { ...distributions.popularity, ...sizes.head },
    },
  };
}

/** The same counts under the names of today: those of an older import were others. Undefined where a segment was not counted. */
function namedAnew(counted: DatasetDetail['distributions']['userSegments']): DatasetDetail['distributions']['userSegments'] | undefined {
  const counts = new Map(counted.map(({ id, count }) => [id, count]));
  const named = userSegments(defaultSegments.users).map(({ id, label }) => ({ id, label, count: counts.get(id) ?? Number.NaN }));
  return named.some(({ count }) => Number.isNaN(count)) ? undefined : named;
}
