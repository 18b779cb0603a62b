/** Which reported rows stand with the runs that a query shows. A paper's row has a dataset, a model, a citation and test values only. Pure. */
import type { Condition, Expression } from './runs-expression.ts';
import { fieldName } from './runs-fields.ts';
import { parseCondition } from './runs-parser.ts';
import { searchable } from './searched-text.ts';
import type { ReportedRow } from './runs-table.ts';

/** Printed names of one thing differ in case, accents, spaces and hyphens. */
export const plainName = (name: string): string => searchable(name).replace(/[^\p{L}\p{N}]/gu, '');

export interface ShownRuns {
  /** Ids and names of the datasets of the runs matched. */
  readonly datasets: readonly string[];
  /** Ids and titles of models ticked beside the table; empty for all. */
  readonly models: readonly string[];
  readonly filter: string;
}

export function reportedShown(rows: readonly ReportedRow[], shown: ShownRuns): readonly ReportedRow[] {
  const datasets = new Set(shown.datasets.map(plainName));
  const models = new Set(shown.models.map(plainName));
  const condition = safely(shown.filter);
  return rows.filter(
    (row) =>
      datasets.has(plainName(row.dataset)) &&
      (models.size === 0 || models.has(plainName(row.model))) &&
      (condition === undefined || holds(row, condition)),
  );
}

function safely(filter: string): Condition | undefined {
  try {
    return parseCondition(filter);
  } catch {
    // The query bar says what is wrong with it; the runs shown are those of the last one that could be read.
    return undefined;
  }
}

function holds(row: ReportedRow, condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((part) => holds(row, part));
    case 'any':
      return condition.of.some((part) => holds(row, part));
    case 'not':
      return !holds(row, condition.of);
    case 'flag':
      return false;
    case 'word':
      return searchable(`${row.model} ${row.dataset} ${row.citation} ${row.note} reported`).includes(searchable(condition.text));
    case 'missing':
      return condition.of.kind === 'field' && textOf(row, condition.of.name) === undefined;
    case 'among': {
      const text = textOf(row, condition.field);
      return text !== undefined && condition.values.some((value) => plainName(String(value)) === plainName(text)) !== condition.isNot;
    }
    case 'compare':
      return compares(row, condition.left, condition.operator, condition.right);
  }
}

function compares(row: ReportedRow, left: Expression, operator: string, right: Expression): boolean {
  if (left.kind !== 'field' || (right.kind !== 'text' && right.kind !== 'number')) return false;
  const text = textOf(row, left.name);
  if (text === undefined) return false;
  const word = String(right.value);
  if (operator === '=') return plainName(text) === plainName(word);
  if (operator === '!=') return plainName(text) !== plainName(word);
  return searchable(text).includes(searchable(word)) === (operator === '~') && operator.endsWith('~');
}

function textOf(row: ReportedRow, name: string): string | undefined {
  const field = fieldName(name);
  return field === 'dataset' ? row.dataset : field === 'model' ? row.model : undefined;
}
