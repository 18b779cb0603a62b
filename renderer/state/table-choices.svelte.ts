/** What the Table tab of a comparison shows; its other tabs and the way to Export read the same choices. */
import type { TestOptionsInput } from '#contract/significance.ts';
import type { TableRequest } from '#contract/table.ts';
import type { Scope } from './comparison.svelte.ts';

export type OwnFormula = NonNullable<TableRequest['formulas']>[number];

export class TableChoices {
  part = $state<'validation' | 'test' | undefined>();
  baseline = $state('');
  metrics = $state.raw<readonly string[]>(['recall@20', 'ndcg@20']);
  rows = $state<'model' | 'configuration'>('model');
  stars = $state(false);
  segments = $state<'users' | 'items' | undefined>();
  formulas = $state.raw<readonly OwnFormula[]>([]);

  /** The last one stays: a table has a column. */
  toggleMetric(metric: string, order: readonly string[]): void {
    const next = order.filter((other) => (other === metric ? !this.metrics.includes(other) : this.metrics.includes(other)));
    if (next.length > 0) this.metrics = next;
  }

  add(formula: OwnFormula): void {
    this.formulas = [...this.formulas.filter(({ text }) => text !== formula.text), formula];
  }

  remove(text: string): void {
    this.formulas = this.formulas.filter((formula) => formula.text !== text);
  }

  request(scope: Scope): TableRequest {
    const { part, baseline, metrics, rows, segments, formulas } = this;
    return {
      scope: { experiments: [...scope.experiments], runs: [...scope.runs] },
      metrics: [...metrics],
      rows,
      part: part ?? 'auto',
      ...(baseline === '' ? {} : { baseline }),
      ...(segments === undefined ? {} : { segments }),
      ...(formulas.length === 0 ? {} : { formulas: [...formulas] }),
    };
  }

  /** The same for the address of Export, as state/export-options reads it. */
  query(scope: Scope, tests: TestOptionsInput): Record<string, string> {
    const { part, baseline, metrics, rows, stars, segments, formulas } = this;
    return {
      runs: scope.runs.join(','),
      metrics: metrics.join(','),
      rows,
      part: part ?? '',
      baseline,
      ...(segments === undefined ? {} : { segments }),
      ...(formulas.length === 0 ? {} : { formulas: JSON.stringify(formulas) }),
      ...(stars && baseline !== '' ? { tests: JSON.stringify(tests) } : {}),
    };
  }
}
