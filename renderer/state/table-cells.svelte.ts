import { SvelteMap } from 'svelte/reactivity';
import type { Reading, RunsCell } from '#contract/runs-table.ts';
import { attempt, studio } from './studio.svelte.ts';

type Cells = Readonly<Record<string, RunsCell>>;

/** Rows asked for at a time. */
const most = 200;

/** Cells that were not fetched with their rows: columns that came into sight later, and those of single seeds. */
export class TableCells {
  readonly #cells = new SvelteMap<string, Cells>();
  readonly #asked = new Set<string>();
  readonly #reading: () => Reading;

  constructor(reading: () => Reading) {
    this.#reading = reading;
  }

  of(row: string, column: string): RunsCell | undefined {
    return this.#cells.get(row)?.[column];
  }

  clear(): void {
    this.#cells.clear();
    this.#asked.clear();
  }

  /** Each cell is asked for once. */
  async fetch(rows: readonly { readonly key: string; readonly ids: readonly string[] }[], columns: readonly string[]): Promise<void> {
    const wanted = rows.filter(({ key }) => columns.some((column) => !this.#asked.has(`${key}\n${column}`))).slice(0, most);
    if (wanted.length === 0 || columns.length === 0) return;
    for (const { key } of wanted) for (const column of columns) this.#asked.add(`${key}\n${column}`);
    const reading = this.#reading();
    const answer = await attempt(() =>
      studio.call('runs.cells', { rows: wanted.map(({ ids }) => [...ids]), columns: [...columns], reading }),
    );
    if (answer.value === undefined || reading !== this.#reading()) return;
    for (const [at, cells] of answer.value.cells.entries()) {
      const { key } = wanted[at]!;
      this.#cells.set(key, { ...this.#cells.get(key), ...cells });
    }
  }
}
