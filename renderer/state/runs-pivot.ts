/** What the pivot of the runs table offers, and what lies behind one of its cells. Pure. */
import { withCondition } from '#contract/runs-conditions.ts';
import type { Condition } from '#contract/runs-expression.ts';
import { formulaText, measuredFields } from '#contract/runs-fields.ts';
import type { ConfigurationWords, FieldInfo, PivotFields, RunsPivot, ViewColumn } from '#contract/runs-table.ts';
import { shortHash } from '#renderer/locales/format.ts';
import { cellNumber, columnOf } from './run-columns.ts';

type GroupValue = RunsPivot['rows'][number];

/** Long lists and moments tell nothing apart. */
const apart = new Set(['id', 'note', 'tag', 'createdAt', 'startedAt', 'endedAt']);

/** Fields that rows stand together by. */
export const groupable = (fields: readonly FieldInfo[]): readonly FieldInfo[] =>
  fields.filter(({ group, name }) => group !== 'validation' && group !== 'test' && !apart.has(name));

/** What is averaged in the cells: metrics as the table reads them, what runs took, and the formulas among the columns or in the pivot. */
export function pivotValues(
  fields: readonly FieldInfo[],
  columns: readonly ViewColumn[] = [],
  shown = '',
): readonly Pick<ViewColumn, 'key' | 'label'>[] {
  const formulas = columns.filter(({ key }) => formulaText(key) !== undefined);
  const isGone = formulaText(shown) !== undefined && !formulas.some(({ key }) => key === shown);
  return [
    ...fields.filter(({ name }) => name.startsWith('val.')).map(({ name }) => ({ key: name })),
    ...fields.filter(({ name }) => name.startsWith('test.')).map(({ name }) => ({ key: name })),
    ...fields.filter(({ name }) => measuredFields.has(name)).map(({ name }) => ({ key: name })),
    ...formulas.map(({ key, label }) => ({ key, ...(label === undefined ? {} : { label }) })),
    ...(isGone ? [{ key: shown }] : []),
  ];
}

/** Models by datasets, with the first validation metric that the table shows. */
export function firstPivot(columns: readonly { readonly key: string }[]): PivotFields {
  return { rows: 'model', columns: 'dataset', value: columns.find(({ key }) => key.startsWith('val.'))?.key ?? 'val.recall@20' };
}

/** "3", "4 min 10 s", "LightGCN", "none"; a configuration as "LightGCN n_layers 2 · 6b2ef3ef". */
export function valueWords(field: string, value: GroupValue, configurations: RunsPivot['configurations'] = {}): string {
  if (value === null) return 'none';
  const words = field === 'configuration' ? configurations[value] : undefined;
  if (words !== undefined) return `${named(words)} · ${shortHash(String(value))}`;
  return typeof value === 'number' ? cellNumber(field, value) : value;
}

const named = ({ title, settings }: ConfigurationWords) =>
  [title, settings.map(({ key, value }) => `${key} ${value}`).join(', ')].filter(Boolean).join(' ');

/** "Dataset", "n_layers". */
export const fieldLabel = (field: string): string => columnOf({ key: field }, 'best').label;

function condition(name: string, value: GroupValue): Condition {
  const field = { kind: 'field', name, at: 0 } as const;
  if (value === null) return { kind: 'missing', of: field, at: 0 };
  const right = typeof value === 'number' ? ({ kind: 'number', value, at: 0 } as const) : ({ kind: 'text', value, at: 0 } as const);
  return { kind: 'compare', left: field, operator: '=', right, at: 0 };
}

/** The filter that matches the runs of one cell among those that match now. */
export function cellFilter(filter: string, { rows, columns }: PivotFields, row: GroupValue, column: GroupValue): string {
  return withCondition(withCondition(filter, condition(rows, row)), condition(columns, column));
}
