import { toProblem, type Problem } from '#contract/problem.ts';
import { parseCondition } from '#contract/runs-parser.ts';
import type { RunsPage, RunsQuery, RunsRow } from '#contract/view.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** About a screenful: with seeds collapsed a row carries all its runs. */
const pageSize = 50;

/** The answer of the former visit: shown at once where the same is asked for, until the new one is there. */
let former: { readonly query: string; readonly page: RunsPage } | undefined;

/** Facets a person ticks; joined with what the filter text says. */
export type FacetKey = 'states' | 'datasets' | 'models' | 'experiments' | 'tags';

/** The runs table: one query over SQL, rows fetched by the page as they come into view, a selection that outlives scrolling. */
export class RunsTable {
  filter = $state('');
  collapse = $state(true);
  trashed = $state(false);
  starred = $state(false);
  sort = $state.raw<{ field: string; descending: boolean }>({ field: 'createdAt', descending: true });
  facets = $state.raw<Readonly<Record<FacetKey, readonly string[]>>>({ states: [], datasets: [], models: [], experiments: [], tags: [] });
  #rows = $state.raw<ReadonlyMap<number, RunsRow>>(new Map());
  #page = $state.raw<RunsPage | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #refused = $state.raw<Problem | undefined>();
  #selected = $state.raw<ReadonlyMap<string, readonly string[]>>(new Map());
  #opened = $state.raw<ReadonlyMap<number, number>>(new Map());
  #baseline = $state.raw<RunsRow | undefined>();
  #turn = 0;
  /** A first page is being asked for, and whether the query has changed since. */
  #isLoading = false;
  #isStale = false;
  #asked = new Set<number>();

  /** The filter text's own fault, shown under the field. */
  readonly filterProblem = $derived.by(() => {
    try {
      parseCondition(this.filter);
      return undefined;
    } catch (error) {
      return toProblem(error);
    }
  });

  get page(): RunsPage | undefined {
    return this.#page;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** What the studio says of the filter text itself: it reads well, but names a field no run has. The rows of the former one stay. */
  get refused(): Problem | undefined {
    return this.#refused;
  }

  get opened(): ReadonlyMap<number, number> {
    return this.#opened;
  }

  get selected(): ReadonlyMap<string, readonly string[]> {
    return this.#selected;
  }

  get selectedRuns(): readonly string[] {
    return [...this.#selected.values()].flat();
  }

  get baseline(): RunsRow | undefined {
    return this.#baseline;
  }

  row(index: number): RunsRow | undefined {
    return this.#rows.get(index);
  }

  get query(): RunsQuery {
    return {
      filter: this.filter,
      ...this.facets,
      collapse: this.collapse,
      starred: this.starred,
      trashed: this.trashed,
      sort: [this.sort],
    } as RunsQuery;
  }

  /**
   * Asks for the first page of the present query and forgets the rows of the former one once the answer is there. At once, and while an
   * answer is on its way once more after it: what is typed fast is neither waited for nor asked letter by letter.
   */
  async load(): Promise<void> {
    if (this.#isLoading) {
      this.#isStale = true;
      return;
    }
    this.#isLoading = true;
    try {
      do {
        this.#isStale = false;
        await this.#ask();
      } while (this.#isStale && this.filterProblem === undefined);
    } finally {
      this.#isLoading = false;
    }
  }

  async #ask(): Promise<void> {
    const query = this.query;
    const turn = ++this.#turn;
    const asked = JSON.stringify(query);
    if (this.#page === undefined && former?.query === asked) this.#take(former.page);
    const answer = await attempt(() => studio.call('runs.page', { ...query, offset: 0, limit: pageSize }));
    if (turn !== this.#turn || this.#isStale) return;
    this.#refused = answer.problem?.code === 'runs.unknown-field' || answer.problem?.code === 'runs.filter' ? answer.problem : undefined;
    if (this.#refused !== undefined) return;
    if (answer.problem !== undefined) {
      this.#problem = answer.problem;
      return;
    }
    this.#problem = undefined;
    this.#take(answer.value);
    former = { query: asked, page: answer.value };
  }

  #take(page: RunsPage): void {
    this.#page = page;
    this.#asked = new Set([0]);
    // A run that ends elsewhere brings a new answer; what a person has opened stays open.
    const open = new Set([...this.#opened.keys()].map((index) => this.#rows.get(index)?.key));
    this.#opened = new Map(page.rows.flatMap((row, index) => (open.has(row.key) ? [[index, row.runs.length] as const] : [])));
    this.#rows = new Map(page.rows.map((row, index) => [index, row]));
  }

  /** Fetches the pages that hold rows first … last. */
  async need(first: number, last: number): Promise<void> {
    const turn = this.#turn;
    for (let page = Math.floor(first / pageSize); page <= Math.floor(Math.max(first, last - 1) / pageSize); page++) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      const offset = page * pageSize;
      const answer = await attempt(() => studio.call('runs.page', { ...this.query, offset, limit: pageSize }));
      if (turn !== this.#turn) return;
      if (answer.problem !== undefined) {
        this.#asked.delete(page);
        this.#problem = answer.problem;
        return;
      }
      this.#rows = new Map([...this.#rows, ...answer.value.rows.map((row, index) => [offset + index, row] as const)]);
    }
  }

  sortBy(field: string): void {
    this.sort =
      this.sort.field === field
        ? { field, descending: !this.sort.descending }
        : { field, descending: field !== 'model' && field !== 'dataset' };
  }

  toggleFacet(key: FacetKey, value: string): void {
    const present = this.facets[key];
    this.facets = { ...this.facets, [key]: present.includes(value) ? present.filter((other) => other !== value) : [...present, value] };
  }

  toggleOpen(index: number): void {
    const row = this.#rows.get(index);
    const next = new Map(this.#opened);
    if (!next.delete(index) && row !== undefined) next.set(index, row.runs.length);
    this.#opened = next;
  }

  toggleSelected(row: RunsRow): void {
    const next = new Map(this.#selected);
    if (!next.delete(row.key))
      next.set(
        row.key,
        row.runs.map((run) => run.id),
      );
    this.#selected = next;
  }

  clearSelection(): void {
    this.#selected = new Map();
  }

  pin(row: RunsRow | undefined): void {
    this.#baseline = row;
  }

  /** Selects everything the query matches, loaded or not. */
  async selectAll(): Promise<void> {
    const total = this.#page?.totalRows ?? 0;
    const next = new Map<string, readonly string[]>();
    for (let offset = 0; offset < total; offset += 1000) {
      const answer = await attempt(() => studio.call('runs.page', { ...this.query, offset, limit: 1000 }));
      if (answer.problem !== undefined) return toasts.fail(answer.problem);
      for (const row of answer.value.rows)
        next.set(
          row.key,
          row.runs.map((run) => run.id),
        );
    }
    this.#selected = next;
  }

  /** A command on runs; what can be taken back gets an Undo. */
  async change(work: () => Promise<unknown>, said?: string, undo?: () => Promise<unknown>): Promise<void> {
    const answer = await attempt(work);
    if (answer.problem !== undefined) return toasts.fail(answer.problem);
    if (said !== undefined) {
      toasts.say(
        said,
        undo === undefined
          ? undefined
          : async () => {
              const undone = await attempt(undo);
              if (undone.problem !== undefined) toasts.fail(undone.problem);
              await this.load();
            },
      );
    }
    await this.load();
  }

  async trash(ids: readonly string[]): Promise<void> {
    const list = [...ids];
    this.clearSelection();
    await this.change(
      () => studio.call('runs.trash', { ids: list }),
      `${list.length} ${list.length === 1 ? 'run' : 'runs'} moved to the trash`,
      () => studio.call('runs.restore', { ids: list }),
    );
  }
}
