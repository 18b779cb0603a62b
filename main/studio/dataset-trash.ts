/** Removed datasets: whole folders aside in the data folder, given back until they are purged. */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrashedDataset } from '#contract/dataset-findings.ts';
import { ProblemError } from '#contract/problem.ts';
import { readManifest, removalFolder } from '#data/dataset-folder.ts';

const prefix = '.trashed-';

export class DatasetTrash {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Takes a dataset out of the list. What was trashed under the same id before is purged: an id is taken once. */
  async take(id: string, folder: string): Promise<void> {
    const place = this.#place(id);
    await this.#destroy(id, place);
    await rename(folder, place);
  }

  /** @throws ProblemError dataset.name-taken, dataset.not-in-trash */
  async giveBack(id: string): Promise<void> {
    if (await isThere(join(this.#root, id)))
      throw new ProblemError({
        kind: 'data',
        code: 'dataset.name-taken',
        message: `There is a dataset “${id}” already.`,
        values: { id },
        fix: 'Remove that one first; two datasets cannot have one id.',
      });
    if (!(await isThere(this.#place(id))))
      throw new ProblemError({
        kind: 'data',
        code: 'dataset.not-in-trash',
        message: `“${id}” is not in the trash.`,
        values: { id },
        fix: 'Import it again from its source.',
      });
    await rename(this.#place(id), join(this.#root, id));
  }

  /** Newest first, bytes as the manifests say. */
  async list(): Promise<TrashedDataset[]> {
    const names = await readdir(this.#root).catch(() => []);
    const found: TrashedDataset[] = [];
    for (const name of names.filter((entry) => entry.startsWith(prefix))) {
      const id = name.slice(prefix.length);
      const place = join(this.#root, name);
      const trashedAt = await stat(place).then(({ ctimeMs }) => Math.round(ctimeMs));
      const manifest = await readManifest(place).catch(() => undefined);
      const bytes = manifest?.arrays.reduce((sum, array) => sum + array.bytes, 0) ?? 0;
      found.push({ id, name: manifest?.name ?? id, bytes, trashedAt });
    }
    return found.sort((a, b) => b.trashedAt - a.trashedAt);
  }

  /** For good; ids that are not in the trash are passed over. */
  async purge(ids: readonly string[]): Promise<{ purged: number; bytes: number }> {
    const wanted = new Set(ids);
    const found = (await this.list()).filter(({ id }) => wanted.has(id));
    for (const { id } of found) await this.#destroy(id, this.#place(id));
    return { purged: found.length, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  #place(id: string): string {
    return join(this.#root, `${prefix}${id}`);
  }

  // Renamed first: a removal cut short is finished at the next start and never comes back as half a dataset.
  async #destroy(id: string, place: string): Promise<void> {
    if (!(await isThere(place))) return;
    const grave = removalFolder(this.#root, id);
    await rm(grave, { recursive: true, force: true });
    await rename(place, grave);
    await rm(grave, { recursive: true, force: true });
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
