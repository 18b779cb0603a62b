/** A zip on disk, written file by file so that it may be larger than memory. */
import { createHash } from 'node:crypto';
import { Zip, ZipDeflate } from 'fflate';
import { ProblemError } from '#contract/problem.ts';
import { systemWords } from '../system-words.ts';
import { replaced } from '../write-atomically.ts';
import type { BundleEntry } from './gather.ts';
import { manifestName, type BundledFile, type Manifest } from './manifest.ts';

/**
 * Writes the entries and, as the last one, their manifest. Nothing is left behind where it fails; an old file of that name stays until
 * the new one is whole.
 */
export async function writeArchive(
  path: string,
  entries: AsyncIterable<BundleEntry>,
  manifest: Omit<Manifest, 'files'>,
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
