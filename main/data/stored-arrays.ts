import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { ProblemError } from '#contract/problem.ts';
import { diskError } from './file-stream.ts';
import { clearLeft } from './left-files.ts';
import type { Manifest } from './manifest.ts';

/**
 * The arrays of a dataset folder, read by position straight into the memory they are used in. Each is compared with its stored SHA-256
 * the first time it is read; later reads trust it as long as size and both times of the file are what they were then, so that opening
 * costs no hashing and a changed or torn file is still found.
 */

/** What a file was when it had the stored hash. */
const checkedSchema = v.record(
  v.string(),
  v.object({ bytes: v.number(), modifiedMs: v.number(), changedMs: v.number(), hash: v.string() }),
);
type Checked = v.InferOutput<typeof checkedSchema>;

const checkedFile = 'checked.json';
/** A file changed so shortly before it was read may change again within the same tick of its clock, and would look the same. */
const settledMs = 2000;
/** Bytes per read or update: the system and OpenSSL take less than 2 GiB at once. */
const chunkBytes = 1 << 30;

export class StoredArrays {
  readonly #folder: string;
  readonly #listed: ReadonlyMap<string, Manifest['arrays'][number]>;
  readonly #checked: Checked;
  #isNew = false;

  constructor(folder: string, arrays: Manifest['arrays']) {
    this.#folder = folder;
    this.#listed = new Map(arrays.map((array) => [array.file, array]));
    this.#checked = readChecked(folder);
  }

  /** The bytes of a listed file. Throws `dataset.damaged` where they are not those that were stored. */
  async read(file: string): Promise<ArrayBuffer> {
    const path = join(this.#folder, file);
    const handle = await open(path, 'r').catch((error: unknown) => this.#refuse(error, file));
    try {
      const before = await handle.stat();
      const bytes = new Uint8Array(this.#sized(file, before.size));
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(bytes.length - at, chunkBytes), at);
        if (bytesRead === 0) throw damagedDataset(this.#folder, `${file} ends early`);
        at += bytesRead;
      }
      this.#check(file, before, bytes);
      return bytes.buffer;
    } finally {
      await handle.close();
    }
  }

  /** As {@link read}, at once: for what is read when somebody first looks at it. */
  readNow(file: string): ArrayBuffer {
    const path = join(this.#folder, file);
    let handle: number;
    try {
      handle = openSync(path, 'r');
    } catch (error) {
      return this.#refuse(error, file);
    }
    try {
      const before = fstatSync(handle);
      const bytes = new Uint8Array(this.#sized(file, before.size));
      for (let at = 0; at < bytes.length;) {
        const count = readSync(handle, bytes, at, Math.min(bytes.length - at, chunkBytes), at);
        if (count === 0) throw damagedDataset(this.#folder, `${file} ends early`);
        at += count;
      }
      this.#check(file, before, bytes);
      this.remember();
      return bytes.buffer;
    } finally {
      closeSync(handle);
    }
  }

  /** Bytes of a file that is read later, or never. Throws `dataset.damaged` where it is not there or not as long as it was. */
  async expect(file: string): Promise<number> {
    const { size } = await stat(join(this.#folder, file)).catch((error: unknown) => this.#refuse(error, file));
    if (size !== this.#bytesOf(file)) throw this.#wrongSize(file, size);
    return size;
  }

  /** Keeps what was found unchanged for the next opening. A folder that cannot be written to is hashed again then. */
  remember(): void {
    if (!this.#isNew) return;
    this.#isNew = false;
    const aside = join(this.#folder, `.${checkedFile}.${randomBytes(4).toString('hex')}`);
    try {
      clearLeft(this.#folder, checkedFile, Date.now());
      writeFileSync(aside, JSON.stringify(this.#checked));
      renameSync(aside, join(this.#folder, checkedFile));
    } catch {
      rmSync(aside, { force: true });
    }
  }

  #check(file: string, { size, mtimeMs, ctimeMs }: Stats, bytes: Uint8Array): void {
    const { hash } = this.#listed.get(file)!;
    const known = this.#checked[file];
    if (known?.hash === hash && known.bytes === size && known.modifiedMs === mtimeMs && known.changedMs === ctimeMs) return;
    if (hashOf(bytes) !== hash) throw damagedDataset(this.#folder, `${file} does not have the stored hash`);
    if (Date.now() - Math.max(mtimeMs, ctimeMs) < settledMs) return;
    this.#checked[file] = { bytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs, hash };
    this.#isNew = true;
  }

  #sized(file: string, size: number): ArrayBuffer {
    if (size !== this.#bytesOf(file)) throw this.#wrongSize(file, size);
    return new ArrayBuffer(size);
  }

  #bytesOf(file: string): number {
    const listed = this.#listed.get(file);
    if (listed === undefined) throw damagedDataset(this.#folder, `${file} is not listed`);
    return listed.bytes;
  }

  #wrongSize(file: string, size: number): ProblemError {
    return damagedDataset(this.#folder, `${file} has ${size} bytes, not ${this.#bytesOf(file)}`);
  }

  #refuse(error: unknown, file: string): never {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw damagedDataset(this.#folder, `${file} is gone`);
    throw diskError(error, join(this.#folder, file));
  }
}

function readChecked(folder: string): Checked {
  try {
    const parsed = v.safeParse(checkedSchema, JSON.parse(readFileSync(join(folder, checkedFile), 'utf8')));
    return parsed.success ? parsed.output : {};
  } catch {
    // Not there yet, or torn: everything is hashed once more.
    return {};
  }
}

function hashOf(bytes: Uint8Array): string {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += chunkBytes) hash.update(bytes.subarray(at, at + chunkBytes));
  return hash.digest('hex');
}

export function damagedDataset(folder: string, what: string): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'dataset.damaged',
    message: `The dataset “${basename(folder)}” is damaged: ${what}.`,
    where: folder,
    fix: 'Delete it and import it again from its source.',
  });
}
