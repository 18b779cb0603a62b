import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeDevice } from '#engine/devices/probe.ts';
import { findLibrary, libraryName, libraryUnder } from '#engine/devices/tensorflow/find-library.ts';
import { whatIsCut } from '#engine/devices/tensorflow/whole-file.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'avocet-tensorflow-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A Python environment with a library of these bytes. */
function environment(name: string, bytes: Uint8Array = Uint8Array.of(1)): string {
  const folder = path.join(root, name, 'lib', 'python3.12', 'site-packages', 'tensorflow');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, libraryName), bytes);
  return path.join(root, name);
}

/** The header of a 64-bit ELF file whose section table of `count` entries of 64 bytes begins at `table`. */
function elf(table: number, count: number, size: number): Buffer {
  const file = Buffer.alloc(size);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  file.writeBigUInt64LE(BigInt(table), 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(count, 60);
  return file;
}

describe('where the TensorFlow library is looked for', () => {
  it('finds it in an environment, among its packages, and in its own folder', () => {
    const made = environment('env');
    const packages = path.join(made, 'lib', 'python3.12', 'site-packages');
    const file = path.join(packages, 'tensorflow', libraryName);
    for (const place of [made, packages, path.join(packages, 'tensorflow')]) expect(libraryUnder(place)).toBe(file);
    expect(libraryUnder(path.join(root, 'nowhere'))).toBeUndefined();
  });

  it('answers with the real path behind a link, where the second library lies', () => {
    const made = environment('env');
    symlinkSync(path.join(made, 'lib', 'python3.12', 'site-packages', 'tensorflow', libraryName), path.join(root, libraryName));
    expect(libraryUnder(root)).toBe(libraryUnder(made));
  });

  it('prefers the named folder, then the variable, then the active environment, then that of the tests', async () => {
    const [named, variable, active, conda] = ['named', 'variable', 'active', 'conda'].map((name) => environment(name)) as [
      string,
      string,
      string,
      string,
    ];
    const tests = environment(path.join('cache', 'tensorflow-cpu'));
    const env: NodeJS.ProcessEnv = {
      AVOCET_TENSORFLOW: variable,
      VIRTUAL_ENV: active,
      CONDA_PREFIX: conda,
      AVOCET_TEST_CACHE: path.join(root, 'cache'),
    };
    const found = async (libraryFolder?: string) => findLibrary(libraryFolder === undefined ? {} : { libraryFolder }, env);
    expect(await found(named)).toEqual({ file: libraryUnder(named) });
    for (const [name, place] of [
      ['AVOCET_TENSORFLOW', variable],
      ['VIRTUAL_ENV', active],
      ['CONDA_PREFIX', conda],
    ] as const) {
      expect(await found()).toEqual({ file: libraryUnder(place) });
      delete env[name];
    }
    expect(await found()).toEqual({ file: libraryUnder(tests) });
  });

  it('takes a named folder at its word: no other TensorFlow steps in', async () => {
    const empty = path.join(root, 'empty');
    expect(await findLibrary({ libraryFolder: empty }, { VIRTUAL_ENV: environment('active') })).toEqual({ looked: [empty] });
  });
});

describe('a library that is not whole', () => {
  it('is known by its section table', () => {
    const at = (name: string, bytes: Uint8Array): string => {
      const file = path.join(root, name);
      writeFileSync(file, bytes);
      return file;
    };
    expect(whatIsCut(at('whole', elf(100, 2, 228)))).toBeUndefined();
    expect(whatIsCut(at('cut', elf(100, 2, 227)))).toMatch(/cut is cut off: 227 of at least 228 bytes$/);
    expect(whatIsCut(at('short', Uint8Array.of(1, 2)))).toMatch(/has only 2 bytes$/);
    expect(whatIsCut(at('small', Buffer.concat([Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1), Buffer.alloc(100)])))).toMatch(/64-bit/);
  });

  it.runIf(process.platform === 'linux')('is an honest answer of the probe, as is none at all', async () => {
    const cut = await probeDevice('tensorflow', { libraryFolder: environment('cut', elf(1_000_000, 40, 4096)) });
    expect(cut).toMatchObject({ available: false, missing: expect.stringContaining('cut off: 4096 of at least 1002560 bytes') });
    const text = await probeDevice('tensorflow', { libraryFolder: environment('text', Buffer.from('no library'.repeat(20))) });
    expect(text).toMatchObject({ available: false, missing: expect.stringContaining('not a shared library') });
    // Whole by its table, and still nothing that can be loaded.
    const hollow = await probeDevice('tensorflow', { libraryFolder: environment('hollow', elf(64, 1, 128)) });
    expect(hollow).toMatchObject({ available: false, missing: expect.stringContaining('could not be loaded') });
    const none = await probeDevice('tensorflow', { libraryFolder: path.join(root, 'none') });
    expect(none).toMatchObject({ available: false, missing: `not found: ${libraryName} in ${path.join(root, 'none')}` });
    for (const probe of [cut, text, hollow, none]) expect(probe.remedy).toContain('pip install tensorflow-cpu');
  });
});
