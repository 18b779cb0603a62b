import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type Koffi from 'koffi';
import { ownFolder } from './assets.ts';

/** MADV_HUGEPAGE of Linux. */
const hugePage = 14;
/** What a wasm memory may grow to; it is reserved from the start, and advice for the whole outlives its growth. */
const mostBytes = 65_536 * 65_536;

/**
 * Asks Linux for pages of 2 MiB under a wasm memory: rows of a table are read in no order, and with pages of 4 KiB each of them waits
 * for the address to be found. Most systems give such pages to who asks alone, and V8 does not. Measured in turns, a LightGCN step at
 * Baby size went from 13 to 11 ms, one on ten times the graph from 237 to 223. False where the system or koffi is not there: nothing but time depends on it.
 */
export function adviseHugePages(memory: WebAssembly.Memory): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const koffi = createRequire(path.join(ownFolder(), 'huge-pages.cjs'))('koffi') as typeof Koffi;
    const advise = koffi.load('libc.so.6').func('int madvise(void *from, size_t bytes, int advice)');
    return advise(new Uint8Array(memory.buffer), mostBytes, hugePage) === 0;
  } catch {
    return false;
  }
}
