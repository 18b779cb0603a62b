/** What queries and columns may name, read once for as long as the store stays as it is, and in pieces: a large store takes a while. */
import type { FieldInfo } from '#contract/runs-table.ts';
import type { Store } from '#store/store.ts';

export class FieldList {
  readonly #store: Pick<Store, 'fields' | 'pages'>;
  #known: { readonly version: number; readonly fields: Promise<FieldInfo[]> } | undefined;

  constructor(store: Pick<Store, 'fields' | 'pages'>) {
    this.#store = store;
  }

  get(): Promise<FieldInfo[]> {
    const { version } = this.#store.pages;
    if (this.#known?.version !== version) this.#known = { version, fields: this.#read() };
    return this.#known.fields;
  }

  async #read(): Promise<FieldInfo[]> {
    const found: FieldInfo[] = [];
    for (const part of this.#store.fields()) {
      found.push(...part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }
}
