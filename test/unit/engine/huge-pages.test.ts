import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { expect, it } from 'vitest';
import { adviseHugePages } from '#engine/devices/huge-pages.ts';

// The C library is asked by its name in glibc; with another one the memory has the pages it would have had.
const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
const hasHugePages = existsSync('/sys/kernel/mm/transparent_hugepage/enabled') && header.glibcVersionRuntime !== undefined;

it.skipIf(!hasHugePages)(
  'the system is asked for huge pages under a wasm memory, also where it grows later (skipped: no such pages, or another C library than glibc)',
  () => {
    const advised = () => [...readFileSync('/proc/self/smaps', 'utf8').matchAll(/^Size:\s+(\d+) kB[^]*?^VmFlags:(.*)$/gm)];
    const kilobytes = () => advised().reduce((sum, [, size, flags]) => sum + (/\bhg\b/.test(flags!) ? Number(size) : 0), 0);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
    const before = kilobytes();
    expect(adviseHugePages(memory)).toBe(true);
    memory.grow(1000);
    new Uint8Array(memory.buffer).fill(1);
    expect(kilobytes() - before).toBeGreaterThanOrEqual(1001 * 64);
  },
);
