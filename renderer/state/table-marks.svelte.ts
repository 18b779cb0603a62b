import type { RowMarks } from '#contract/runs-table.ts';
import type { RunsQuery } from '#contract/view.ts';
import { painted } from './painted.ts';
import type { RunsColumn } from './run-columns.ts';
import { attempt, studio } from './studio.svelte.ts';

/** Of more runs marks take as long as a page, and whoever types would wait for them. */
const mostRuns = 50_000;

/** Best and second of all rows that match, which the studio finds: what is loaded here never decides it. */
export class TableMarks {
  #marks = $state.raw<{ readonly of: string; readonly found: RowMarks }>({ of: '', found: {} });
  /** Columns that have been asked for the present query. */
  #asked: { of: string; readonly columns: Set<string> } = { of: '', columns: new Set() };
  #areTooMany = false;

  of(row: string, column: string): 'best' | 'second' | undefined {
    return this.#marks.found[column]?.[row];
  }

  /** The rows of this query are shown, of so many runs: marks of another one say nothing of them. */
  show(query: RunsQuery, runs: number): void {
    const of = named(query);
    this.#areTooMany = runs > mostRuns;
    if (this.#marks.of !== of) this.#marks = { of, found: {} };
  }

  /** Asks for the metrics among these columns; `again`: what is known may have changed. */
  async ask(query: RunsQuery, columns: readonly RunsColumn[], again: boolean): Promise<void> {
    const of = named(query);
    if (again || this.#asked.of !== of) this.#asked = { of, columns: new Set() };
    const asked = this.#asked;
    const wanted = columns.flatMap(({ key, kind }) => (kind === 'metric' && !asked.columns.has(key) ? [key] : []));
    if (query.collapse === false || query.trashed === true || wanted.length === 0 || this.#areTooMany) return;
    for (const key of wanted) asked.columns.add(key);
    // Rows that are typed for are there first.
    await painted();
    if (asked !== this.#asked) return;
    const answer = await attempt(() => studio.call('runs.marks', { ...query, columns: wanted }));
    if (asked !== this.#asked || answer.value === undefined) return;
    const known = this.#marks.of === of ? this.#marks.found : {};
    this.#marks = { of, found: { ...known, ...answer.value.marks } };
  }
}

/** Marks are the same in every order. */
const named = ({ sort: _sort, ...query }: RunsQuery): string => JSON.stringify(query);
