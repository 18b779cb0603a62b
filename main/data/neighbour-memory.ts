import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoUserMemory, NeighbourMemory } from './dataset.ts';
import { clearLeft } from './left-files.ts';

/** What lists depend on beside their source and k; another way to find them is another number. */
const methods = { nearest: 'cosine, self included, 1', coUsers: 'shared train items, by falling count, then rising id, 1' } as const;
const sealBytes = 32;

/**
 * The nearest neighbours of a modality's items, kept beside its features: every run with this k would find the same ones, on any
 * device.
 */
export function neighbourMemory(
  folder: string,
  modality: { readonly name: string; readonly hash: string; readonly rows: number },
): NeighbourMemory {
  const { name, hash, rows } = modality;
  const lists = listMemory(folder, { name: `neighbours.${name}`, method: methods.nearest, hash, rows });
  return {
    find: (k) => {
      const found = lists.find(k);
      return found === undefined ? undefined : { rows, k, ids: found.ids, cosines: found.values };
    },
    keep: ({ k, ids, cosines }) => lists.keep(k, { ids, values: cosines }),
  };
}

/** The users who share most train items with each user, kept beside the split they were counted in. */
export function coUserMemory(folder: string, split: { readonly hash: string; readonly rows: number }): CoUserMemory {
  const { hash, rows } = split;
  const lists = listMemory(folder, { name: 'co-users', method: methods.coUsers, hash, rows });
  return {
    find: (k) => {
      const found = lists.find(k);
      return found === undefined ? undefined : { rows, k, ids: found.ids, counts: found.values };
    },
    keep: ({ k, ids, counts }) => lists.keep(k, { ids, values: counts }),
  };
}

interface Lists {
  readonly ids: Int32Array;
  readonly values: Float32Array;
}

/**
 * A file is SHA-256 over the source's hash, shape and what follows; then ids (int32) and values (float32), [rows, k] each. A file
 * that does not fit, of another source or torn, is as good as none.
 */
function listMemory(folder: string, source: { name: string; method: string; hash: string; rows: number }) {
  const { name, method, hash, rows } = source;
  const file = (k: number) => join(folder, `${name}.k${k}.bin`);
  const seal = (k: number, content: Uint8Array) =>
    createHash('sha256').update(JSON.stringify({ method, hash, rows, k })).update(content).digest();
  return {
    find: (k: number): Lists | undefined => {
      let stored: Uint8Array;
      try {
        stored = readFileSync(file(k));
      } catch {
        return undefined;
      }
      const content = Uint8Array.from(stored.subarray(sealBytes));
      if (content.length !== 8 * rows * k || seal(k, content).compare(stored, 0, sealBytes) !== 0) return undefined;
      return { ids: new Int32Array(content.buffer, 0, rows * k), values: new Float32Array(content.buffer, 4 * rows * k) };
    },
    keep: (k: number, { ids, values }: Lists): void => {
      const content = Buffer.concat([bytesOf(ids), bytesOf(values)]);
      const aside = join(folder, `.${name}.${randomBytes(4).toString('hex')}`);
      try {
        clearLeft(folder, name, Date.now());
        writeFileSync(aside, Buffer.concat([seal(k, content), content]));
        renameSync(aside, file(k));
      } catch {
        // A folder that takes no file, a full disk: the next run computes them again.
        rmSync(aside, { force: true });
      }
    },
  };
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
