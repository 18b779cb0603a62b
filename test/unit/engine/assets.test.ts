import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kernelBinary, kernelBytes, setAssetFolder, tfjsBinary, tfjsFolder } from '#engine/devices/assets.ts';

describe('the binaries of the wasm device', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'avocet-assets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('come from the checkout where nothing else is named', async () => {
    const found = tfjsFolder();
    expect(found.endsWith(path.sep)).toBe(true);
    const bytes = await kernelBytes();
    expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x61, 0x73, 0x6d]);
    copyFileSync(path.join(found, tfjsBinary), path.join(folder, tfjsBinary));
    writeFileSync(path.join(folder, kernelBinary), Uint8Array.of(1, 2, 3));
    setAssetFolder(folder);
    expect(tfjsFolder()).toBe(folder + path.sep);
    expect([...(await kernelBytes())]).toEqual([1, 2, 3]);
  });

  it('fall back to the checkout where the named folder lacks them', async () => {
    setAssetFolder(folder);
    expect(tfjsFolder()).not.toContain(folder);
    expect((await kernelBytes()).length).toBeGreaterThan(1000);
  });
});
