import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { arrayNames, readManifest } from '../dataset-folder.ts';
import { diskError } from '../file-stream.ts';

/** Ids of users and items in the files a dataset was imported from, by inner id. */
export interface OriginalIds {
  /** Absent where the import kept none: datasets from a log that were imported before their users' ids were kept. */
  readonly users?: readonly string[];
  readonly items: readonly string[];
}

const itemSchema = v.object({ rawId: v.string() });

/** Reads them from a dataset folder. A folder in the MMRec layout numbers its users itself: their ids are the inner ones. */
export async function originalIds(folder: string): Promise<OriginalIds> {
  const manifest = await readManifest(folder);
  const read = async (file: string): Promise<string> => {
    try {
      return await readFile(join(folder, file), 'utf8');
    } catch (error) {
      throw diskError(error, join(folder, file));
    }
  };
  const items = (await read(arrayNames.itemTable))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => v.parse(itemSchema, JSON.parse(line)).rawId);
  if (manifest.arrays.some(({ file }) => file === arrayNames.userIds))
    return { users: v.parse(v.array(v.string()), JSON.parse(await read(arrayNames.userIds))), items };
  if (manifest.source === 'log') return { items };
  return { users: Array.from({ length: manifest.users }, (_, user) => String(user)), items };
}
