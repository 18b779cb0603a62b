/** A zip on disk, written file by file so that it may be larger than memory. */
import { createHash } from 'node:crypto';
import { Zip, ZipDeflate } from 'fflate';
import { ProblemError } from '#contract/problem.ts';
import { systemWords } from '../system-words.ts';
import { replaced } from '../write-atomically.ts';
import type { BundleEntry } from './gather.ts';
import { manifestName, type BundledFile, type Manifest } from './manifest.ts';

/** What the index of a zip can count: its highest number of files sends readers to another index. Beyond, they find less than was written, or nothing. */
export const most = { files: 65_534, bytes: 2 ** 32 - 1 };

/**
 * Writes the entries and, as the last one, their manifest. Nothing is left behind where it fails; an old file of that name stays until
 * the new one is whole. @throws ProblemError bundle.too-large, bundle.write
 */
export async function writeArchive(
  path: string,
  entries: AsyncIterable<BundleEntry>,
  manifest: Omit<Manifest, 'files'>,
  limits = most,
): Promise<{ files: number; bytes: number }> {
  try {
    return await replaced(path, async (file) => {
      const pending: Uint8Array[] = [];
      const zip = new Zip((error, chunk) => {
        if (error !== null) throw error;
        pending.push(chunk);
      });
      let bytes = 0;
      const flush = async () => {
        for (const chunk of pending.splice(0)) {
          await file.writeFile(chunk);
          bytes += chunk.byteLength;
        }
      };
      const add = async ({ path: name, content }: BundleEntry) => {
        const part = new ZipDeflate(name, { level: 6 });
        zip.add(part);
        part.push(content, true);
        await flush();
      };
      const files: BundledFile[] = [];
      for await (const entry of entries) {
        // The manifest is a file too.
        if (files.length + 1 >= limits.files || bytes > limits.bytes - entry.content.byteLength) throw tooLarge(path, limits);
        files.push({
          path: entry.path,
          bytes: entry.content.byteLength,
          sha256: createHash('sha256').update(entry.content).digest('hex'),
        });
        await add(entry);
      }
      await add({ path: manifestName, content: Buffer.from(`${JSON.stringify({ ...manifest, files }, null, 2)}\n`, 'utf8') });
      zip.end();
      await flush();
      return { files: files.length, bytes };
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError({
      kind: 'disk',
      code: 'bundle.write',
      message: `The bundle could not be written: ${systemWords(error)}`,
      where: path,
      fix: 'Choose a folder that exists and can be written, with free space.',
    });
  }
}

function tooLarge(where: string, { files, bytes }: typeof most): ProblemError {
  return new ProblemError({
    kind: 'disk',
    code: 'bundle.too-large',
    message: `A bundle holds up to ${files} files and ${Math.floor(bytes / 1e6)} MB, and these runs have more`,
    values: { files, bytes },
    where,
    fix: 'Bundle fewer runs at a time, for instance one experiment after the other.',
  });
}
