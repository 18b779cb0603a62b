import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fusedBinary, kernelBinary, kernelBytes, kernelBytesAlone, setAssetFolder, tfjsBinary, tfjsFile } from '#engine/devices/assets.ts';
import type { KernelExports } from '#engine/devices/wasm-heap.ts';

describe('the binaries of the wasm device', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'avocet-assets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('come from the checkout where nothing else is named, on shared memory', async () => {
    const found = await tfjsFile();
    expect(path.basename(found)).toBe(tfjsBinary);
    const memory = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(found))).find(({ kind }) => kind === 'memory');
    expect(memory?.name).toBe('memory');
    const { bytes, isFused } = await kernelBytes();
    expect(isFused).toBe(true);
    expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x61, 0x73, 0x6d]);
    copyFileSync(found, path.join(folder, tfjsBinary));
    writeFileSync(path.join(folder, kernelBinary), Uint8Array.of(1, 2, 3));
    writeFileSync(path.join(folder, fusedBinary), Uint8Array.of(4, 5, 6));
    setAssetFolder(folder);
    expect(await tfjsFile()).toBe(path.join(folder, tfjsBinary));
    // A WebAssembly that cannot take the fused kernels gets the others.
    const plain = await kernelBytes();
    expect([plain.isFused, ...plain.bytes]).toEqual([false, 1, 2, 3]);
  });

  it('fall back to the checkout where the named folder lacks them', async () => {
    setAssetFolder(folder);
    expect(await tfjsFile()).not.toContain(folder);
    expect((await kernelBytes()).bytes.length).toBeGreaterThan(1000);
  });

  it('come for a memory of their own too', async () => {
    setAssetFolder(folder);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const shared = await WebAssembly.compile((await kernelBytes()).bytes);
    await expect(WebAssembly.instantiate(shared, { env: { memory } })).rejects.toThrow('shared');
    const module = await WebAssembly.compile(await kernelBytesAlone());
    const kernels = (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as KernelExports;
    expect(kernels.failures(64)).toBe(0);
    kernels.fail(64);
    expect(kernels.failures(64)).toBe(1);
  });
});
