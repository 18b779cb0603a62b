/**
 * What a person opened: folders and files of their own disks, newest first, kept in the preferences of the data folder. Nothing is read of
 * them but whether they are still there; what was sent or unpacked into the data folder is none of them.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { recentFileSchema, type ListedRecent, type RecentFile } from '#contract/opening.ts';
import type { PreferenceTable } from '#store/preferences.ts';
import { isWithin } from '../host.ts';
import type { Hub } from '../hub.ts';

const key = 'files.recent';
/** The oldest are left out beyond this. */
const mostKept = 15;

export class RecentFiles {
  readonly #preferences: PreferenceTable;
  readonly #tell: () => void;
  readonly #incoming: string;
  /** Taken off the list since the start, by path. */
  readonly #forgotten = new Map<string, RecentFile>();

  constructor(preferences: PreferenceTable, hub: Pick<Hub, 'tell'>, incoming: string) {
    this.#preferences = preferences;
    this.#tell = () => hub.tell('recent');
    this.#incoming = incoming;
  }

  /** Puts them among the others by when they were opened: the same path again takes the place of what was remembered. */
  remember(files: readonly RecentFile[]): void {
    const own = files.filter(({ path }) => !isWithin(this.#incoming, path));
    if (own.length === 0) return;
    const paths = new Set(own.map(({ path }) => path));
    const all = [...own, ...this.#kept().filter(({ path }) => !paths.has(path))].sort((a, b) => b.openedAt - a.openedAt);
    this.#preferences.set(key, all.slice(0, mostKept));
    this.#tell();
  }

  /** Takes them off the list; the files stay. */
  forget(paths: readonly string[]): void {
    const kept = this.#kept();
    for (const file of kept) if (paths.includes(file.path)) this.#forgotten.set(file.path, file);
    this.#preferences.set(
      key,
      kept.filter(({ path }) => !paths.includes(path)),
    );
    this.#tell();
  }

  /** Undoes that; what was never on the list does not come onto it so. */
  restore(paths: readonly string[]): void {
    this.remember(paths.flatMap((path) => this.#forgotten.get(path) ?? []));
  }

  /** True for one of them, and for the folder that holds it. */
  has(path: string): boolean {
    return this.#kept().some((file) => file.path === path || dirname(file.path) === path);
  }

  list(): Promise<ListedRecent[]> {
    return Promise.all(
      this.#kept().map(async (file) => ({
        ...file,
        isThere: await stat(file.path).then(
          () => true,
          () => false,
        ),
      })),
    );
  }

  #kept(): RecentFile[] {
    const parsed = v.safeParse(v.array(recentFileSchema), this.#preferences.get(key) ?? []);
    return parsed.success ? parsed.output : [];
  }
}
