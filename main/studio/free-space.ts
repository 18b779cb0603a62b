import { statfs } from 'node:fs/promises';

/** Free bytes where the folder lies; 0 where the system does not say. */
export async function freeSpace(folder: string): Promise<number> {
  // Node before 18.15, which only the old test Electron has, lacks it.
  if (typeof statfs !== 'function') return 0;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // A disk that was just taken away, or a system that refuses to tell: whoever writes there says what is wrong.
    return 0;
  }
}
