/** Files below a folder with their sizes, without holding the process up: a few calls to the system at a time. */
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface Amount {
  readonly bytes: number;
  readonly files: number;
}

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

const atOnce = 16;

/** Every file below `folder`, links unfollowed; nothing where there is no folder. What goes meanwhile is left out. */
export async function* filesBelow(folder: string): AsyncGenerator<SizedFile, void, void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory());
  for (let at = 0; at < files.length; at += atOnce) {
    const sized = await Promise.all(
      files.slice(at, at + atOnce).map(async ({ name }) => {
        const path = join(folder, name);
        const found = await lstat(path).catch(() => undefined);
        return found === undefined ? [] : [{ path, bytes: found.size }];
      }),
    );
    yield* sized.flat();
  }
  for (const entry of entries) if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name));
}

/** Nothing where there is no folder. */
export async function amountBelow(folder: string): Promise<Amount> {
  let bytes = 0;
  let files = 0;
  for await (const file of filesBelow(folder)) {
    bytes += file.bytes;
    files++;
  }
  return { bytes, files };
}

/** Deletes a folder with all below it and says what that was. Folders that were made read-only are opened first. */
export async function removeFolder(folder: string): Promise<Amount> {
  const amount = await amountBelow(folder);
  await open(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  return amount;
}

async function open(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await open(join(folder, entry.name));
}
