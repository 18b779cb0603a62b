import { attempt, studio } from './studio.svelte.ts';

const kept = 600;

/** Item pictures as object URLs, fetched once over the link and only when they come into view; the oldest leave first. */
class Pictures {
  #urls = new Map<string, Promise<string | undefined>>();

  /** Address for an <img>, or undefined where there is none. */
  get(dataset: string, item: number): Promise<string | undefined> {
    const key = `${dataset}/${item}`;
    const known = this.#urls.get(key);
    if (known !== undefined) return known;
    const url = this.#fetch(dataset, item);
    this.#urls.set(key, url);
    if (this.#urls.size > kept) this.#drop();
    return url;
  }

  async #fetch(dataset: string, item: number): Promise<string | undefined> {
    const { value } = await attempt(() => studio.call('datasets.picture', { dataset, item }));
    if (value === undefined || value.bytes.length === 0) return undefined;
    return URL.createObjectURL(new Blob([value.bytes as Uint8Array<ArrayBuffer>], { type: value.type }));
  }

  #drop(): void {
    const [oldest] = this.#urls;
    if (oldest === undefined) return;
    this.#urls.delete(oldest[0]);
    void oldest[1].then((url) => url !== undefined && URL.revokeObjectURL(url));
  }
}

export const pictures = new Pictures();
