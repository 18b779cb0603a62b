import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, link, mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { ProblemError } from '#contract/problem.ts';
import { arrayNames, temporaryPrefix } from './dataset-folder.ts';
import type { Modality } from './dataset.ts';
import { diskError } from './file-stream.ts';
import { manifestFormat, manifestSchema, type Manifest, type ManifestDraft } from './manifest.ts';

/** Id of the demo dataset; no import may take it, also before it was drawn. */
export const demoId = 'demo';

/** Name of a dataset's folder from its title: lower-case letters, digits and dashes. */
export function datasetId(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return plain === '' ? 'dataset' : plain;
}

/**
 * Writes a dataset folder beside the others under a temporary name; {@link commit} renames it into place, {@link discard} leaves
 * nothing. Whatever happens in between, a reader sees either the whole dataset or none.
 */
export class DatasetWriter {
  readonly root: string;
  readonly #folder: string;
  readonly #arrays: { file: string; bytes: number; hash: string }[] = [];

  private constructor(root: string, folder: string) {
    this.root = root;
    this.#folder = folder;
  }

  /** `root` is the folder of all datasets; it is made if missing. */
  static async create(root: string): Promise<DatasetWriter> {
    const folder = join(root, `${temporaryPrefix}${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw diskError(error, root);
    }
    return new DatasetWriter(root, folder);
  }

  /** Writes raw little-endian values, bytes or text as `file` (a path below the dataset folder). */
  async write(file: string, content: Int32Array | Float32Array | Float64Array | Uint8Array | string): Promise<void> {
    const bytes =
      typeof content === 'string'
        ? new TextEncoder().encode(content)
        : new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    const path = join(this.#folder, file);
    try {
      if (dirname(file) !== '.') await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    } catch (error) {
      throw diskError(error, path);
    }
    this.#arrays.push({ file, bytes: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') });
  }

  /**
   * Takes over a file of another dataset under the same name, with the hash it has there. Files of datasets never change, so both may be one
   * file on the disk; where the disk cannot do that it is copied.
   */
  async adopt(folder: string, array: { readonly file: string; readonly bytes: number; readonly hash: string }): Promise<void> {
    const from = join(folder, array.file);
    const path = join(this.#folder, array.file);
    try {
      if (dirname(array.file) !== '.') await mkdir(dirname(path), { recursive: true });
      await link(from, path).catch(() => copyFile(from, path));
    } catch (error) {
      throw diskError(error, from);
    }
    this.#arrays.push({ ...array });
  }

  /** Opens `file` for positioned writes; end with {@link finishStream}. For matrices too large to hold. */
  async openStream(file: string): Promise<FileHandle> {
    try {
      return await open(join(this.#folder, file), 'w+');
    } catch (error) {
      throw diskError(error, file);
    }
  }

  /** Hashes and closes what {@link openStream} opened. */
  async finishStream(file: string, handle: FileHandle): Promise<void> {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(4 * 1024 * 1024);
    let position = 0;
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
    } finally {
      await handle.close();
    }
    this.#arrays.push({ file, bytes: position, hash: hash.digest('hex') });
  }

  /** Features already written, read back for statistics. */
  async readModality(health: {
    readonly name: string;
    readonly width: number;
    readonly sourceType: Modality['sourceType'];
    readonly hash: string;
  }): Promise<Modality> {
    const values = await this.#readBack(arrayNames.features(health.name));
    const missing = await this.#readBack(arrayNames.missing(health.name));
    return {
      name: health.name,
      width: health.width,
      sourceType: health.sourceType,
      hash: health.hash,
      values: new Float32Array(values.buffer, values.byteOffset, values.length / 4),
      missing,
    };
  }

  async #readBack(file: string): Promise<Uint8Array> {
    try {
      const bytes = await readFile(join(this.#folder, file));
      return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    } catch (error) {
      throw diskError(error, file);
    }
  }

  /** Puts the dataset in place under `id` and returns its manifest. Throws `dataset.name-taken` where one is there already. */
  async commit(id: string, draft: ManifestDraft, createdAt: number): Promise<Manifest> {
    const manifest = v.parse(manifestSchema, { ...draft, format: manifestFormat, id, createdAt, arrays: this.#arrays });
    try {
      await writeFile(join(this.#folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
      for (const name of await readdir(this.#folder))
        if (/\.(i32|f32|f64|u8|json|jsonl)$/.test(name)) await chmod(join(this.#folder, name), 0o444);
      await rename(this.#folder, join(this.root, id));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') throw nameTaken(id);
      throw diskError(error, join(this.root, id));
    }
    return manifest;
  }

  /** Removes everything written. Harmless after a commit. */
  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The problem of a second dataset under one name. */
export function nameTaken(id: string): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'dataset.name-taken',
    message: `There is a dataset “${id}” already.`,
    values: { id },
    fix: 'Give this one another name. Datasets are never overwritten.',
  });
}
