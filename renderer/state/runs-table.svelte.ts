import { toProblem, type Problem } from '#contract/problem.ts';
import { runFields } from '#contract/runs-fields.ts';
import { parseCondition } from '#contract/runs-parser.ts';
import type { Reading, RunsCell, ViewColumn, ViewState } from '#contract/runs-table.ts';
import { apartFields, type RunsPage, type RunsQuery, type RunsRow } from '#contract/view.ts';
import { sized, type Sizing, type Widths } from './column-order.ts';
import { history } from './history.svelte.ts';
import { defaultColumns, isFetched, ofDelta, shownColumns, type RunsColumn } from './run-columns.ts';
import { attempt, studio } from './studio.svelte.ts';
import { TableCells } from './table-cells.svelte.ts';
import { TableMarks } from './table-marks.svelte.ts';
import { TableSelection } from './table-selection.svelte.ts';
import { emptyView } from './view-state.ts';

/** About a screenful: with seeds collapsed a row carries all its runs. A first page is as many of them as are in sight. */
const pageSize = 30;

/** The answer of the former visit: shown at once where the same is asked for, until the new one is there. */
let former: { readonly query: string; readonly page: RunsPage } | undefined;

/** Facets a person ticks; joined with what the filter text says. */
export const facetKeys = ['states', 'datasets', 'models', 'experiments', 'tags'] as const;
export type FacetKey = (typeof facetKeys)[number];

/** The query without a metric's name that is just being typed; on the right of a sign it is a value and stays. */
const withoutBeginning = (filter: string): string =>
  filter.replace(/(?<![=<>~+*/^,(-]\s*)(?:^|\s+)(?:(?:and|or|not)\s+)*(?:val|last|min|max|test|my)\.[\w@-]*$/i, '');

/** The runs table: one query over SQL, rows fetched by the page as they come into view, a selection that outlives scrolling. */
export class RunsTable {
  #view = $state.raw<ViewState>(emptyView);
  #rows = $state.raw<ReadonlyMap<number, RunsRow>>(new Map());
  #page = $state.raw<RunsPage | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #refused = $state.raw<Problem | undefined>();
  #opened = $state.raw<ReadonlyMap<number, number>>(new Map());
  #folded = $state.raw<ReadonlySet<string>>(new Set());
  #pinned = $state.raw<readonly RunsRow[]>([]);
  /** The column whose edge is being dragged: shown so, and kept once it is let go. */
  #dragged = $state.raw<Sizing | undefined>();
  #turn = 0;
  /** A first page is being asked for, and whether the query has changed since. */
  #isLoading = false;
  #isStale = false;
  #asked = new Set<number>();
  readonly cells = new TableCells(() => this.#view.reading);
  readonly marks = new TableMarks();
  readonly selection = new TableSelection(() => this.query);

  /** The filter text's own fault, shown under the field. */
  readonly filterProblem = $derived.by(() => {
    try {
      parseCondition(this.#view.filter);
      return undefined;
    } catch (error) {
      return toProblem(error);
    }
  });

  /** Keys of columns whose value is the same in every run matched; they stand in one line above the table. */
  readonly constants = $derived.by(() => {
    const found = new Map((this.#page?.constants ?? []).map(({ key, value }) => [key, value]));
    const total = this.#page?.totalRuns ?? 0;
    for (const key of ['dataset', 'experiment', 'model'] as const) {
      const facet = this.#page?.facets[key] ?? [];
      if (facet.length === 1 && facet[0]!.count === total && total > 1) found.set(key, facet[0]!.label);
    }
    return found;
  });

  readonly columns = $derived(
    shownColumns(
      this.#sized,
      // The epochs a run was allowed are not the epochs it ran, though both are called so.
      new Set(
        [...this.constants.keys()].filter((key) => !Object.hasOwn(runFields, key) || ['dataset', 'experiment', 'model'].includes(key)),
      ),
    ),
  );

  get view(): ViewState {
    return this.#view;
  }

  /** The view as it stands while an edge is dragged. */
  get #sized(): ViewState {
    return this.#dragged === undefined ? this.#view : { ...this.#view, ...sized(this.#widths, this.#dragged) };
  }

  /** Whether an edge is held: its column is not carried elsewhere meanwhile. */
  get isSizing(): boolean {
    return this.#dragged !== undefined;
  }

  /** Pixels a person gave the column of names. */
  get nameWidth(): number | undefined {
    return this.#sized.nameWidth;
  }

  get chosenColumns(): readonly ViewColumn[] {
    return this.#view.columns ?? defaultColumns;
  }

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

  /** Groups that are folded, by their values. */
  get foldedGroups(): ReadonlySet<string> {
    return this.#folded;
  }

  /** The baseline first, then the other pinned rows. */
  get pinned(): readonly RunsRow[] {
    return this.#pinned;
  }

  get baseline(): RunsRow | undefined {
    return this.#pinned.find(this.isBaseline);
  }

  row(index: number): RunsRow | undefined {
    return this.#rows.get(index);
  }

  cell(row: RunsRow, column: string): RunsCell | undefined {
    return row.cells?.[column] ?? this.cells.of(row.key, column);
  }

  /** What matches, without what is shown of it. */
  get query(): RunsQuery {
    const { filter, facets, scope, collapse, reading, group, sort } = this.#view;
    return {
      // The beginning of a metric's name is no word to look for: the rows stay while it is typed.
      filter: withoutBeginning(filter),
      ...(facets as Partial<Record<FacetKey, string[]>>),
      starred: scope === 'starred',
      archived: scope === 'archived',
      trashed: scope === 'trash',
      collapse,
      reading,
      group: [...group],
      sort: [...sort],
    } as RunsQuery;
  }

  /** Columns whose cells are fetched with the rows; changed as others come into sight. */
  inSight: readonly RunsColumn[] = [];

  /** Where its rows are scrolled to, for when the screen is shown again. */
  scrolledTo = { left: 0, top: 0 };

  /** Rows a screen takes; a first page holds as many. */
  rowsInSight = 0;

  get #fetched(): string[] {
    const own = this.inSight.length > 0 ? this.inSight : this.columns.slice(0, 10);
    // Beside a baseline each row is asked whether it may be measured by it.
    const family = this.#view.baseline === undefined ? [] : apartFields.filter((field) => field !== 'dataset');
    return [...new Set([...own.map(({ key }) => ofDelta(key)).filter((key) => key !== 'n'), ...family])];
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
        await Promise.all([this.#ask(), this.#askPinned()]);
      } while (this.#isStale && this.filterProblem === undefined);
    } finally {
      this.#isLoading = false;
    }
  }

  async #ask(): Promise<void> {
    const query = this.query;
    const pages = Math.max(1, Math.ceil(this.rowsInSight / pageSize));
    const turn = ++this.#turn;
    const asked = JSON.stringify(query);
    if (this.#page === undefined && former?.query === asked) this.#take(former.page);
    const answer = await attempt(() => studio.call('runs.page', { ...query, columns: this.#fetched, offset: 0, limit: pages * pageSize }));
    if (turn !== this.#turn || this.#isStale) return;
    this.#refused = ['runs.unknown-field', 'runs.filter', 'runs.formula'].includes(answer.problem?.code ?? '') ? answer.problem : undefined;
    if (this.#refused !== undefined) return;
    if (answer.problem !== undefined) {
      this.#problem = answer.problem;
      return;
    }
    this.#problem = undefined;
    this.marks.show(query, answer.value.totalRuns);
    this.#take(answer.value);
    void this.marks.ask(query, this.inSight, true);
    former = { query: asked, page: answer.value };
  }

  async #askPinned(): Promise<void> {
    const { baseline, pins, collapse, reading } = this.#view;
    const ids = [...(baseline ?? []), ...pins.flat()];
    if (ids.length === 0) {
      this.#pinned = [];
      return;
    }
    const columns = this.#fetched;
    const answer = await attempt(() => studio.call('runs.page', { ids, collapse, reading, columns, limit: 100, sort: [] }));
    if (answer.value === undefined) return;
    const isBase = (row: RunsRow) => row.runs.some(({ id }) => baseline?.includes(id));
    this.#pinned = [...answer.value.rows].sort((a, b) => Number(isBase(b)) - Number(isBase(a)));
  }

  #take(page: RunsPage): void {
    this.#page = page;
    this.#asked = new Set(Array.from({ length: Math.max(1, Math.ceil(page.rows.length / pageSize)) }, (_, at) => at));
    this.cells.clear();
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
      const answer = await attempt(() => studio.call('runs.page', { ...this.query, columns: this.#fetched, offset, limit: pageSize }));
      if (turn !== this.#turn) return;
      if (answer.problem !== undefined) {
        this.#asked.delete(page);
        this.#problem = answer.problem;
        return;
      }
      this.#rows = new Map([...this.#rows, ...answer.value.rows.map((row, index) => [offset + index, row] as const)]);
    }
  }

  /** Fetches what rows in sight lack of the columns in sight: nobody pays for a column that is not looked at. */
  async needCells(rows: readonly RunsRow[], columns: readonly RunsColumn[], seeds: readonly RunsRow[]): Promise<void> {
    const keys = [...new Set(columns.filter((column) => isFetched(column) || column.kind === 'delta').map(({ key }) => ofDelta(key)))];
    const wanted = [...rows, ...this.#pinned]
      .filter((row) => keys.some((key) => this.cell(row, key) === undefined))
      .map((row) => ({ key: row.key, ids: row.runs.map(({ id }) => id) }));
    const ofSeeds = seeds.flatMap((row) => row.runs.map(({ id }) => ({ key: id, ids: [id] })));
    void this.marks.ask(this.query, columns, false);
    await this.cells.fetch([...wanted, ...ofSeeds], keys);
  }

  /** Changes the view as a person would take it back: one step of undo. */
  lay(label: string, change: Partial<ViewState>): void {
    const before = this.#view;
    const after = { ...before, ...change };
    this.#view = after;
    if ('facets' in change || 'scope' in change || 'filter' in change) this.#forgetAll();
    const show = (state: ViewState) => {
      // What was typed meanwhile stays: undo takes back this step, not the words.
      this.#view = { ...state, filter: 'filter' in change ? state.filter : this.#view.filter };
    };
    history.push({ label, undo: () => show(before), redo: () => show(after) });
  }

  /** Shows a whole view: a saved one, a link, a file. */
  show(state: ViewState): void {
    this.#view = state;
    this.selection.clear();
  }

  /** Typing is undone by the field itself. */
  set filter(text: string) {
    this.#forgetAll();
    this.#view = { ...this.#view, filter: text };
  }

  /** All that matched was selected: what matches now was not. */
  #forgetAll(): void {
    if (this.selection.isAll) this.selection.clear();
  }

  get filter(): string {
    return this.#view.filter;
  }

  get isFiltered(): boolean {
    const { filter, facets, scope } = this.#view;
    return filter.trim() !== '' || scope !== 'present' || Object.values(facets).some((list) => list.length > 0);
  }

  showAll(): void {
    this.lay('Filter cleared', { filter: '', facets: {}, scope: 'present' });
  }

  /** By this field alone, or as a further key; once more turns it round, and a further key leaves after both directions. */
  sortBy(field: string, isFurther = false): void {
    const { sort } = this.#view;
    const at = sort.findIndex((key) => key.field === field);
    const first = { field, descending: !/^(?:model|dataset|experiment|state|device|note|tag|seed)$/.test(field) };
    const turned = at < 0 ? first : { field, descending: !sort[at]!.descending };
    if (!isFurther) return this.lay('Sorted', { sort: [turned] });
    if (at < 0) return this.lay('Sorted', { sort: [...sort, first] });
    const isBack = turned.descending === first.descending;
    this.lay('Sorted', {
      sort: isBack && sort.length > 1 ? sort.filter((key) => key.field !== field) : sort.map((key, index) => (index === at ? turned : key)),
    });
  }

  get #widths(): Widths {
    return { columns: this.chosenColumns, nameWidth: this.#view.nameWidth };
  }

  /** Shows a column that wide while its edge is dragged. */
  drag(sizing: Sizing | undefined): void {
    this.#dragged = sizing;
  }

  /** Makes a column that wide, or as at first. */
  size(sizing: Sizing): void {
    this.#dragged = undefined;
    const after = sized(this.#widths, sizing);
    if (JSON.stringify(after) !== JSON.stringify(this.#widths)) this.lay('Column width changed', after);
  }

  facet(key: FacetKey): readonly string[] {
    return this.#view.facets[key] ?? [];
  }

  /** How much is ticked in the facets. */
  get ticked(): number {
    return facetKeys.reduce((sum, key) => sum + this.facet(key).length, 0) + (this.#view.scope === 'present' ? 0 : 1);
  }

  toggleFacet(key: FacetKey, value: string): void {
    const present = this.facet(key);
    const next = present.includes(value) ? present.filter((other) => other !== value) : [...present, value];
    this.lay('Filter changed', { facets: { ...this.#view.facets, [key]: next } });
  }

  setReading(reading: Reading): void {
    this.lay('Reading changed', { reading });
  }

  toggleOpen(index: number): void {
    const row = this.#rows.get(index);
    const next = new Map(this.#opened);
    if (!next.delete(index) && row !== undefined) next.set(index, row.runs.length);
    this.#opened = next;
  }

  toggleGroup(key: string): void {
    const next = new Set(this.#folded);
    if (!next.delete(key)) next.add(key);
    this.#folded = next;
  }

  readonly isBaseline = (row: RunsRow): boolean => row.runs.some(({ id }) => this.#view.baseline?.includes(id));

  isPinned(row: RunsRow): boolean {
    return this.isBaseline(row) || this.#view.pins.some((pin) => row.runs.some(({ id }) => pin.includes(id)));
  }

  setBaseline(row: RunsRow | undefined): void {
    const { baseline: _former, ...rest } = this.#view;
    const ids = row?.runs.map(({ id }) => id);
    const before = this.#view;
    const after: ViewState = ids === undefined ? rest : { ...rest, baseline: ids };
    const show = (state: ViewState) => {
      this.#view = { ...state, filter: this.#view.filter };
    };
    show(after);
    history.push({ label: ids === undefined ? 'Baseline removed' : 'Baseline set', undo: () => show(before), redo: () => show(after) });
  }

  togglePin(row: RunsRow): void {
    const ids = row.runs.map(({ id }) => id);
    const { pins } = this.#view;
    const left = pins.filter((pin) => !pin.some((id) => ids.includes(id)));
    this.lay(left.length < pins.length ? 'Row unpinned' : 'Row pinned', { pins: left.length < pins.length ? left : [...pins, ids] });
  }
}
