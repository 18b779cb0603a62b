import { readManifest } from '../dataset-folder.ts';
import { readStoredItems } from '../stored-items.ts';
import { readUserIds } from '../user-ids.ts';

/** Ids of users and items in the files a dataset was imported from, by inner id. */
export interface OriginalIds {
  /** Absent where the import kept none: datasets from a log that were imported before their users' ids were kept. */
  readonly users?: readonly string[];
  readonly items: readonly string[];
}

/**
 * Reads them from a dataset folder. A folder in the MMRec layout that maps no user ids numbers its users itself: their ids are the inner ones.
 * @throws ProblemError dataset.*
 */
export async function originalIds(folder: string): Promise<OriginalIds> {
  const manifest = await readManifest(folder);
  const itemOf = await readStoredItems(folder, manifest);
  const items = Array.from({ length: manifest.items }, (_, item) => itemOf(item).rawId);
  const users = await readUserIds(folder, manifest);
  if (users !== undefined) return { users, items };
  if (manifest.source === 'log') return { items };
  return { users: Array.from({ length: manifest.users }, (_, user) => String(user)), items };
}
