import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ProblemError } from '#contract/problem.ts';

/** A file that is whole or as it was before: `write` fills another one, which then takes its place and is gone where anything fails. */
export async function replaced<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.avocet-${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    let result: T;
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes a file whole or not at all. @throws ProblemError export.write */
export async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  try {
    await replaced(path, (file) => file.writeFile(content));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError({
      kind: 'disk',
      code: 'export.write',
      message: `The file could not be written: ${reason}`,
      where: path,
      fix: 'Choose a folder that exists and can be written, with free space',
    });
  }
}
