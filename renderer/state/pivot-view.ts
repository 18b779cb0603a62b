import { tick } from 'svelte';
import type { PivotFields } from '#contract/runs-table.ts';
import { toComparison } from './runs-comparison.ts';
import { firstPivot } from './runs-pivot.ts';
import type { RunsTable } from './runs-table.svelte.ts';
import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** The way from the rows of the runs table to their pivot and back; the focus goes along. */
export class PivotView {
  readonly #table: RunsTable;
  /** The one that was left: shown again as it was. */
  #former: PivotFields | undefined;

  constructor(table: RunsTable) {
    this.#table = table;
  }

  async show(): Promise<void> {
    this.#table.lay('Pivot shown', { pivot: this.#former ?? firstPivot(this.#table.columns) });
    await tick();
    document.querySelector<HTMLElement>('#runs-pivot button')?.focus();
  }

  async leave(): Promise<void> {
    this.#former = this.#table.view.pivot;
    this.#table.lay('Rows shown', { pivot: undefined });
    await tick();
    document.getElementById('runs-grid')?.focus();
  }

  /** The runs that match in Compare. */
  async compare(): Promise<void> {
    const matched = await toasts.tried(() => studio.call('runs.matching', this.#table.query));
    if (matched !== undefined) toComparison(matched.ids);
  }
}
