import { hasColdRows } from '#data/dataset-folder.ts';
import type { IndexedDataset } from '#store/datasets.ts';

/** Whether cold items alone can be ranked on a dataset, looked up once for its data. What cannot be read is left to the run, which says what is wrong. */
export function coldItemsKnown(): (dataset: IndexedDataset) => boolean {
  const known = new Map<string, boolean>();
  return ({ folder, dataHash, summary }) => {
    // Such a split is made of them; any other may have some too.
    if (summary.split?.rule.rule === 'cold-item') return true;
    try {
      const has = known.get(dataHash) ?? hasColdRows(folder, summary);
      known.set(dataHash, has);
      return has;
    } catch {
      return true;
    }
  };
}
