import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { adviseHugePages } from '#engine/devices/huge-pages.ts';

const hasHugePages = existsSync('/sys/kernel/mm/transparent_hugepage/enabled');

it.skipIf(!hasHugePages)(
  'the system is asked for huge pages under a wasm memory, also where it grows later (skipped: no such pages)',
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
