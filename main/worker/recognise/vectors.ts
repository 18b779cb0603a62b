import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Layout } from '#contract/opening.ts';

const isUsers = (path: string) => /user/i.test(basename(path));
const isItems = (path: string) => /item/i.test(basename(path));

/** User and item vectors among files: exactly one .npy file named after each. */
export function vectorsAmong(paths: readonly string[]): Layout | undefined {
  const arrays = paths.filter((path) => /\.npy$/i.test(path));
  const users = arrays.filter((path) => isUsers(path) && !isItems(path));
  const items = arrays.filter((path) => isItems(path) && !isUsers(path));
  if (users.length !== 1 || items.length !== 1) return undefined;
  return {
    kind: 'external',
    form: 'vectors',
    files: [
      { role: 'users', path: users[0]! },
      { role: 'items', path: items[0]! },
    ],
  };
}

/** One of two: the other lies beside it. Alone it is the file of its role, or of users where its name says neither. */
export async function vectorsWith(path: string): Promise<Layout> {
  const folder = dirname(path);
  const beside = await readdir(folder).catch(() => []);
  const others = beside
    .map((name) => join(folder, name))
    .filter((other) => isUsers(other) !== isUsers(path) && isItems(other) !== isItems(path));
  const pair = vectorsAmong([path, ...others]);
  return pair ?? { kind: 'external', form: 'vectors', files: [{ role: isItems(path) && !isUsers(path) ? 'items' : 'users', path }] };
}
