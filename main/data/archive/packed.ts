/** Archives in general: what their readers share. Names may not leave the folder, and what is written stays within what was declared. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataError } from '../issue-log.ts';

/** A file inside an archive, from its table of contents. */
export interface PackedFile {
  /** With forward slashes. */
  readonly name: string;
  readonly bytes: number;
}

/** More than this is no dataset and no log. */
const mostFiles = 200_000;
const mostBytes = 64 * 1024 ** 3;

/** Refuses an archive before anything of it is written. @throws ProblemError archive.outside, archive.too-large */
export function checkContents(files: readonly PackedFile[], archive: string): void {
  const outside = files.find(({ name }) => leavesFolder(name));
  if (outside !== undefined)
    throw dataError({
      code: 'archive.outside',
      message: `The archive holds “${outside.name.slice(0, 120)}”, a path outside its folder.`,
      where: archive,
      fix: 'Do not unpack this file. Get it again from a source you trust.',
    });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  checkAmount(files.length, bytes, archive);
}

/** For an archive whose table of contents is known only as it is read. @throws ProblemError archive.too-large */
export function checkAmount(files: number, bytes: number, archive: string): void {
  if (files > mostFiles || bytes > mostBytes)
    throw dataError({
      code: 'archive.too-large',
      message: `The archive unpacks to ${files} files of ${Math.round(bytes / 1e9)} GB together.`,
      where: archive,
      fix: 'Unpack it yourself and open the folder.',
    });
}

export function leavesFolder(name: string): boolean {
  return (
    name === '' || name.startsWith('/') || /[\\\0]/.test(name) || /^[A-Za-z]:/.test(name) || name.split('/').some((part) => part === '..')
  );
}

/** Writes a file of an archive below `target`; more bytes than were declared end it. */
export async function writePacked(file: PackedFile, content: AsyncIterable<Uint8Array>, target: string, archive: string): Promise<void> {
  const path = join(target, file.name);
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'w');
  let written = 0;
  try {
    for await (const chunk of content) {
      written += chunk.byteLength;
      if (written > file.bytes) break;
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (written !== file.bytes) throw damagedArchive(archive, `“${file.name.slice(0, 120)}” is not as long as the archive says`);
}

export function damagedArchive(archive: string, reason: string) {
  return dataError({
    code: 'archive.damaged',
    message: `The archive cannot be unpacked: ${reason}.`,
    where: archive,
    fix: 'Copy it again from its source, or unpack it yourself and open the folder.',
  });
}
