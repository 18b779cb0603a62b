import type { ReportedRow } from '#contract/runs-table.ts';
import { counted } from '#renderer/locales/format.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Values from papers, brought by the researcher as a CSV file; shown beside runs and never counted among them. */
export class ReportedValues {
  #rows = $state.raw<readonly ReportedRow[]>([]);

  get rows(): readonly ReportedRow[] {
    return this.#rows;
  }

  async load(): Promise<void> {
    const answer = await attempt(() => studio.call('reported.list', {}));
    if (answer.value !== undefined) this.#rows = answer.value.rows;
  }

  async open(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    const text = await file.text();
    const known = new Set(this.#rows.map(({ id }) => id));
    const answer = await attempt(() => studio.call('reported.import', { text, fileName: file.name }));
    if (answer.problem !== undefined) return toasts.fail(answer.problem);
    await this.load();
    const { rows, values } = answer.value;
    const fresh = rows.filter(({ id }) => !known.has(id));
    toasts.say(
      `${counted(rows.length, 'reported row')} with ${counted(values, 'value')} from ${file.name}`,
      () => this.#drop(fresh),
      () => this.#put(rows),
    );
  }

  async remove(): Promise<void> {
    const rows = this.#rows;
    await this.#drop(rows);
    toasts.say(
      `${counted(rows.length, 'reported row')} removed`,
      () => this.#put(rows),
      () => this.#drop(rows),
    );
  }

  async #drop(rows: readonly ReportedRow[]): Promise<void> {
    await toasts.tried(() => studio.call('reported.remove', { ids: rows.map(({ id }) => id) }));
    await this.load();
  }

  async #put(rows: readonly ReportedRow[]): Promise<void> {
    await toasts.tried(() => studio.call('reported.put', { rows: [...rows] }));
    await this.load();
  }
}
