/** The beginning of a file, by which it is recognised. A file that cannot be opened is nobody's log. */
import { open } from 'node:fs/promises';
import type { LogFile } from '../log-format.ts';

export async function headBytes({ path, bytes }: LogFile, most: number): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const block = Buffer.alloc(Math.min(bytes, most));
    const { bytesRead } = await file.read(block, 0, block.length, 0);
    return block.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** As text; undefined where it is none. */
export async function textHead(file: LogFile, most = 64 * 1024): Promise<string | undefined> {
  const head = await headBytes(file, most);
  return head.length === 0 || head.includes(0) ? undefined : head.toString('utf8');
}
