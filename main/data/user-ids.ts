import * as v from 'valibot';
import { arrayNames } from './dataset-folder.ts';
import type { Manifest } from './manifest.ts';
import { StoredArrays } from './stored-arrays.ts';

/** Ids of the users in the source; undefined where the source numbers from 0 itself, or the import kept none. */
export async function readUserIds(folder: string, manifest: Pick<Manifest, 'arrays'>): Promise<readonly string[] | undefined> {
  if (!manifest.arrays.some(({ file }) => file === arrayNames.userIds)) return undefined;
  const bytes = await new StoredArrays(folder, manifest.arrays).read(arrayNames.userIds);
  return v.parse(v.array(v.string()), JSON.parse(new TextDecoder().decode(bytes)));
}
