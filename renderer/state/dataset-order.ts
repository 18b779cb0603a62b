/** Rows of the table of datasets in the order a person asked for. Pure. */
import type { DatasetColumn, ListedDataset } from '#contract/dataset-findings.ts';

export interface DatasetOrder {
  readonly column: DatasetColumn;
  readonly descending: boolean;
}

/** Share of the items that all modalities cover, in the mean; what has none comes before what covers no item. */
const coverage = ({ modalities, items }: ListedDataset): number =>
  modalities.length === 0 ? -1 : modalities.reduce((sum, { covered }) => sum + covered, 0) / (modalities.length * Math.max(1, items));

const values: Readonly<Record<DatasetColumn, (dataset: ListedDataset) => string | number>> = {
  name: ({ name }) => name,
  users: ({ users }) => users,
  items: ({ items }) => items,
  interactions: ({ interactions }) => interactions,
  density: ({ density }) => density,
  modalities: coverage,
  splits: ({ train, validation, test }) => train / Math.max(1, train + validation + test),
  bytes: ({ bytes }) => bytes,
  splitHash: ({ fingerprint }) => fingerprint.splitHash,
  usedByRuns: ({ usedByRuns }) => usedByRuns,
};

/** Names as a person reads them ("Fold 10" after "Fold 9"); equal values keep their order, whichever way the column is turned. */
export function inOrder<T extends ListedDataset>(datasets: readonly T[], order: DatasetOrder | null): readonly T[] {
  if (order === null) return datasets;
  const value = values[order.column];
  const sign = order.descending ? -1 : 1;
  return [...datasets].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    return (
      sign *
      (typeof left === 'string' ? left.localeCompare(String(right), 'en', { numeric: true, sensitivity: 'base' }) : left - Number(right))
    );
  });
}

const fromText: readonly DatasetColumn[] = ['name', 'splitHash'];

/** What a press on a heading makes of the order: large numbers and first letters come first, then the other way, then as the cards stand. */
export function nextOrder(order: DatasetOrder | null, column: DatasetColumn): DatasetOrder | null {
  const first = !fromText.includes(column);
  if (order?.column !== column) return { column, descending: first };
  return order.descending === first ? { column, descending: !first } : null;
}
