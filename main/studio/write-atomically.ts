import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ProblemError } from '#contract/problem.ts';

/** Writes a file whole or not at all. @throws ProblemError export.write */
export async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.avocet-${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
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
