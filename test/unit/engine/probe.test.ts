import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeDevice, probeDevices } from '#engine/devices/probe.ts';

const run = promisify(execFile);
const build = path.resolve('main/engine/kernels/build.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'avocet-engine-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('probing', () => {
  it('finds the two devices that need nothing installed', async () => {
    const probes = await probeDevices({ threads: 2 });
    expect(probes.slice(0, 2)).toMatchObject([
      { id: 'wasm', available: true, name: 'WebAssembly SIMD, 2 threads' },
      { id: 'cpu', available: true, name: 'Plain JavaScript, 1 thread' },
    ]);
  });

  function entry(body: string): string {
    const file = path.join(folder, 'child.cjs');
    writeFileSync(file, body);
    return file;
  }

  it('answers for a child that is killed by what it loads, falls silent, throws or talks nonsense', async () => {
    const cases: [string, RegExp][] = [
      [`process.kill(process.pid, 'SIGBUS'); setTimeout(() => {}, 60000);`, /ended by SIGBUS/],
      [`throw new Error('libtensorflow.so: file too short');`, /libtensorflow\.so: file too short/],
      [`console.log('{"id":"cpu"}');`, /the probe failed/],
      [`console.log('{broken');`, /the probe failed/],
    ];
    for (const [body, missing] of cases) {
      const probe = await probeDevice('wasm', { entry: entry(body) });
      expect(probe).toMatchObject({ id: 'wasm', available: false, missing: expect.stringMatching(missing) });
    }
    const silent = await probeDevice('wasm', { entry: entry('setInterval(() => {}, 1000);'), timeoutMs: 300 });
    expect(silent.missing).toBe('the probe gave no answer within 300 ms');
  });
});

describe('the kernels', () => {
  it('are built whole by two processes at once, from nothing but sources and compiler', async () => {
    const built = await Promise.all([1, 2].map(() => run(process.execPath, [build, folder])));
    const file = path.join(folder, 'avocet-kernels.wasm');
    for (const { stdout } of built) expect(stdout.trim()).toBe(file);
    const kernels = ['avocet-kernels-fused.wasm', 'avocet-kernels-wide.wasm', 'avocet-kernels.wasm'];
    expect(readdirSync(folder).sort()).toEqual([...kernels, 'tfjs-backend-wasm-shared.wasm']);
    for (const name of kernels) {
      const module = new WebAssembly.Module(readFileSync(path.join(folder, name)));
      // The module owns no memory: it must not write into that of the backend it is put on.
      expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
      expect(WebAssembly.Module.exports(module).every(({ kind }) => kind === 'function')).toBe(true);
    }
  });
});
