/** The columns of the runs table in order. One grid template serves header and rows, so they cannot drift apart. */
export interface Column {
  readonly key: string;
  /** Shown in the header; empty where the column explains itself, then `name` is read. */
  readonly label: string;
  readonly name?: string;
  readonly kind: 'tool' | 'text' | 'number';
  /** Field of the query to sort by. */
  readonly sort?: string;
  readonly metric?: string;
  readonly width: string;
}

export const columns: readonly Column[] = [
  { key: 'select', label: '', name: 'Select', kind: 'tool', width: '36px' },
  { key: 'state', label: '', name: 'State', kind: 'tool', width: '28px' },
  { key: 'configuration', label: 'Configuration', kind: 'text', sort: 'model', width: 'minmax(240px, 3fr)' },
  { key: 'dataset', label: 'Dataset', kind: 'text', sort: 'dataset', width: 'minmax(72px, 1fr)' },
  { key: 'n', label: 'n', kind: 'number', width: '36px' },
  { key: 'recall', label: '↑ Recall@20', kind: 'number', sort: 'val.recall@20', metric: 'recall@20', width: '160px' },
  { key: 'delta', label: 'Δ', kind: 'number', width: '60px' },
  { key: 'ndcg', label: '↑ NDCG@20', kind: 'number', sort: 'val.ndcg@20', metric: 'ndcg@20', width: '120px' },
  { key: 'test-recall', label: 'R@20', kind: 'number', width: '64px' },
  { key: 'test-ndcg', label: 'N@20', kind: 'number', width: '64px' },
  { key: 'best', label: 'Best', kind: 'number', sort: 'bestEpoch', width: '56px' },
  { key: 'time', label: 'Time', kind: 'number', sort: 'elapsedSeconds', width: '64px' },
  { key: 'tags', label: 'Tags', kind: 'text', width: 'minmax(60px, 1fr)' },
];

/** Differences need a baseline: without one their column is only a gap. */
export function gridTemplate(hasBaseline: boolean): string {
  return columns.map((column) => (column.key === 'delta' && !hasBaseline ? '16px' : column.width)).join(' ');
}
