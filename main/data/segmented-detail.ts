import type { DatasetDetail } from '#contract/dataset.ts';
import { defaultSegments } from '#contract/segments.ts';
import { openDataset } from './dataset-folder.ts';
import { countIds } from './fingerprint.ts';
import { segmentSizes } from './statistics.ts';

/** The detail with its segments counted in their present bounds; those it was imported with are in the manifest already. */
export async function inSegments(detail: DatasetDetail): Promise<DatasetDetail> {
  const { distributions, segments } = detail;
  const isUsual = JSON.stringify(segments) === JSON.stringify(defaultSegments);
  // Names of segments may have changed since the import.
  const isNamedAlike = distributions.userSegments.some(({ label }) => label === 'cold, 0');
  if (isUsual && isNamedAlike) return detail;
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
