/**
 * Files that were sent from the machine of the browser, and content of archives: a folder each below `incoming`. They stay while a dataset or a
 * run points into them; what nobody took goes at a later start.
 */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { UploadFiles } from '#contract/opening.ts';
import { ProblemError } from '#contract/problem.ts';
import { freeSpace } from '../free-space.ts';
import { isWithin } from '../host.ts';
import { systemWords } from '../system-words.ts';

const keptName = '.kept';
/** A person may look at a preview today and import tomorrow. */
const unusedAfterMs = 24 * 3600_000;
/** So much of the disk stays free. */
const reserveBytes = 200 * 1024 * 1024;

interface Upload {
  readonly folder: string;
  readonly left: Map<string, { readonly bytes: number; written: number }>;
}

export class Incoming {
  readonly root: string;
  readonly #uploads = new Map<string, Upload>();

  constructor(home: string) {
    this.root = join(home, 'incoming');
  }

  /** Where something new may be laid; made by whoever fills it. */
  folder(): string {
    return join(this.root, randomBytes(6).toString('hex'));
  }

  /** Only for a new owner: nobody else writes here. */
  async clear(now: number): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const folder = join(this.root, name);
      const isKept = await stat(join(folder, keptName)).then(
        () => true,
        () => false,
      );
      if (isKept) continue;
      // What cannot be looked at or removed now stays for a later start: it is no reason not to open.
      const found = await lstat(folder).catch(() => undefined);
      if (found !== undefined && now - found.mtimeMs > unusedAfterMs) await this.remove(folder);
    }
  }

  /** Nobody took what lies there, or it came only in part. */
  async remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }

  /** Something in the store names these paths from now on. */
  async keep(paths: readonly string[]): Promise<void> {
    const inside = paths.filter((path) => path !== this.root && isWithin(this.root, path));
    const folders = new Set(inside.map((path) => relative(this.root, path).split(sep)[0]!));
    for (const name of folders) await writeFile(join(this.root, name, keptName), '').catch(() => undefined);
  }

  /** @throws ProblemError upload.no-room */
  async begin({ files }: UploadFiles): Promise<string> {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    await mkdir(this.root, { recursive: true });
    const free = await freeSpace(this.root);
    if (free > 0 && bytes > free - reserveBytes)
      throw new ProblemError({
        kind: 'disk',
        code: 'upload.no-room',
        message: `The files need ${megabytes(bytes)} MB, ${megabytes(Math.max(0, free - reserveBytes))} MB are free on the disk of the data folder`,
        where: this.root,
        fix: 'Free some space there (Settings, Storage), or open the files from a disk of the machine that the studio runs on.',
      });
    const folder = this.folder();
    const id = relative(this.root, folder);
    await mkdir(folder);
    this.#uploads.set(id, { folder, left: new Map(files.map((file) => [file.path, { bytes: file.bytes, written: 0 }])) });
    for (const file of files) if (file.bytes === 0) await this.piece(id, file.path, new Uint8Array());
    return id;
  }

  /** Adds to a file; refused for one that was not named at the beginning, and beyond its size. @throws ProblemError upload.* */
  async piece(id: string, path: string, content: Uint8Array): Promise<void> {
    const upload = this.#upload(id);
    const file = upload.left.get(path);
    if (file === undefined || file.written + content.byteLength > file.bytes)
      throw refused('upload.other', `${path} is not among the files that were announced, or longer than was said`);
    const target = join(upload.folder, ...path.split('/'));
    try {
      await mkdir(dirname(target), { recursive: true });
      const handle = await open(target, file.written === 0 ? 'w' : 'a');
      try {
        await handle.writeFile(content);
      } finally {
        await handle.close();
      }
    } catch (error) {
      await this.discard(id);
      throw refused('upload.write', `${path} cannot be written: ${systemWords(error)}`);
    }
    file.written += content.byteLength;
    if (file.written === file.bytes) upload.left.delete(path);
  }

  /** What was sent: the one file or folder, or the folder that holds all. @throws ProblemError upload.* */
  async end(id: string): Promise<string> {
    const { folder, left } = this.#upload(id);
    if (left.size > 0) throw refused('upload.incomplete', `${left.size} of the files were not sent to their end`);
    this.#uploads.delete(id);
    const names = await readdir(folder);
    return names.length === 1 ? join(folder, names[0]!) : folder;
  }

  /** Also for uploads that are over: nothing of them is left. */
  async discard(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload !== undefined) await rm(upload.folder, { recursive: true, force: true });
  }

  #upload(id: string): Upload {
    const found = this.#uploads.get(id);
    if (found === undefined) throw refused('upload.unknown', 'The transfer has ended already');
    return found;
  }
}

/** Where something lies that was sent to a data folder, this one before it was moved included; other paths as they are. */
export function sentBelow(home: string, path: string): string {
  const [, place] = /[\\/]incoming[\\/]([0-9a-f]{12}[\\/].+)$/.exec(path) ?? [];
  return place === undefined ? path : join(home, 'incoming', place);
}

const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);

function refused(code: string, message: string): ProblemError {
  return new ProblemError({ kind: 'disk', code, message, fix: 'Drop the files again.' });
}
