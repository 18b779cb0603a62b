/** What a drop or a file input brings, as files with their paths. Only the page knows these; where they lie on the disk it is not told. */
import type { SentFile } from './opening.svelte.ts';

/** "/data/baby" and "C:\data\baby" to "baby". */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

export interface Dropped {
  /** Files and folders as they were dropped; a folder's own bytes cannot be read. */
  readonly tops: readonly File[];
  /** All files, those of folders with their paths in them. */
  files(): Promise<SentFile[]>;
}

/** Must be called while the drop is being handled: its items are gone afterwards. */
export function droppedFiles(transfer: DataTransfer): Dropped {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return {
    tops: found.flatMap(({ file }) => file ?? []),
    files: async () => (await Promise.all(found.map(({ entry, file }) => filesOf(entry, file)))).flat(),
  };
}

/** Of a file input; a folder that was chosen stands in the paths. */
export function chosenFiles(files: Iterable<File>): SentFile[] {
  return [...files].filter(({ name }) => isWanted(name)).map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

const isWanted = (name: string) => !name.startsWith('.') && name !== '__MACOSX';

async function filesOf(entry: FileSystemEntry | null, file: File | null): Promise<SentFile[]> {
  if (entry?.isDirectory === true) return (await below(entry as FileSystemDirectoryEntry)).flat();
  return file === null ? [] : [{ path: file.name, file }];
}

async function below(folder: FileSystemDirectoryEntry): Promise<SentFile[]> {
  const reader = folder.createReader();
  const all: SentFile[] = [];
  for (;;) {
    // A reader gives some hundred at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return all;
    for (const entry of entries.filter(({ name }) => isWanted(name))) {
      if (entry.isDirectory) all.push(...(await below(entry as FileSystemDirectoryEntry)));
      else {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        all.push({ path: entry.fullPath.replace(/^\//, ''), file });
      }
    }
  }
}
