import type { RunsQuery, RunsRow } from '#contract/view.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** What a change of runs goes to: those named, or everything a query matches. */
export type Target = { readonly ids: readonly string[] } | { readonly query: RunsQuery };

/** Rows ticked by hand, or everything the query matches but some: then nothing is fetched, the studio runs the query. */
export class TableSelection {
  #rows = $state.raw<ReadonlyMap<string, readonly string[]>>(new Map());
  #isAll = $state(false);
  /** Where a range begins. */
  #anchor: number | undefined;
  readonly #query: () => RunsQuery;

  constructor(query: () => RunsQuery) {
    this.#query = query;
  }

  get isAll(): boolean {
    return this.#isAll;
  }

  get isEmpty(): boolean {
    return !this.#isAll && this.#rows.size === 0;
  }

  get rows(): number {
    return this.#rows.size;
  }

  /** Runs ticked, or left out of all. */
  get ids(): readonly string[] {
    return [...this.#rows.values()].flat();
  }

  has(row: RunsRow): boolean {
    return this.#isAll !== this.#rows.has(row.key);
  }

  toggle(row: RunsRow, index?: number): void {
    const next = new Map(this.#rows);
    if (!next.delete(row.key))
      next.set(
        row.key,
        row.runs.map((run) => run.id),
      );
    this.#rows = next;
    this.#anchor = index;
  }

  /** From the row ticked last to this one. */
  extend(index: number, row: (at: number) => RunsRow | undefined): void {
    const from = this.#anchor ?? index;
    const next = new Map(this.#rows);
    for (let at = Math.min(from, index); at <= Math.max(from, index); at++) {
      const found = row(at);
      if (found === undefined || this.#isAll) continue;
      next.set(
        found.key,
        found.runs.map((run) => run.id),
      );
    }
    this.#rows = next;
  }

  selectAll(): void {
    this.#rows = new Map();
    this.#isAll = true;
  }

  clear(): void {
    this.#rows = new Map();
    this.#isAll = false;
    this.#anchor = undefined;
  }

  /** What an action goes to. */
  get target(): Target {
    return this.#isAll && this.#rows.size === 0 ? { query: this.#query() } : { ids: this.ids };
  }

  /** The runs themselves, for what needs their names; undefined where they could not be asked for. */
  async runs(): Promise<readonly string[] | undefined> {
    if (!this.#isAll) return this.ids;
    const answer = await attempt(() => studio.call('runs.matching', this.#query()));
    if (answer.problem !== undefined) {
      toasts.fail(answer.problem);
      return undefined;
    }
    const left = new Set(this.ids);
    return answer.value.ids.filter((id) => !left.has(id));
  }

  /** The target with what was left out of all taken out of it. */
  async settled(): Promise<Target | undefined> {
    if (!this.#isAll || this.#rows.size === 0) return this.target;
    const ids = await this.runs();
    return ids === undefined ? undefined : { ids };
  }
}
