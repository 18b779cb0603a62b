import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeDevice } from '#engine/devices/probe.ts';
import { cudaBuild, cudaLibraries } from '#engine/devices/tensorflow/cuda.ts';
import { findLibrary, installLine, libraryName, libraryUnder } from '#engine/devices/tensorflow/find-library.ts';
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

  it('takes an interpreter for its environment, and finds what Debian packages', () => {
    const made = environment('env');
    mkdirSync(path.join(made, 'bin'));
    const python = path.join(made, 'bin', 'python3');
    writeFileSync(python, '');
    expect(libraryUnder(python)).toBe(libraryUnder(made));
    expect(libraryUnder(libraryUnder(made)!)).toBe(libraryUnder(made));
    const packages = path.join(root, 'usr', 'local', 'lib', 'python3.12', 'dist-packages', 'tensorflow');
    mkdirSync(packages, { recursive: true });
    writeFileSync(path.join(packages, libraryName), '');
    expect(libraryUnder(path.join(root, 'usr'))).toBe(path.join(packages, libraryName));
  });

  it('tells the exact line that installs it: into the named environment, the active one, or a new one', () => {
    const made = environment('env');
    mkdirSync(path.join(made, 'bin'));
    const python = path.join(made, 'bin', 'python');
    writeFileSync(python, '');
    const line = `${python} -m pip install tensorflow-cpu`;
    expect(installLine({ libraryFolder: made }, 'tensorflow-cpu', {})).toBe(line);
    expect(installLine({ libraryFolder: python }, 'tensorflow-cpu', {})).toBe(line);
    for (const name of ['AVOCET_TENSORFLOW', 'VIRTUAL_ENV', 'CONDA_PREFIX'])
      expect(installLine({}, 'tensorflow-cpu', { [name]: made })).toBe(line);
    const fresh = 'python3 -m venv ~/tensorflow && ~/tensorflow/bin/pip install tensorflow-cpu';
    expect(installLine({}, 'tensorflow-cpu', {})).toBe(fresh);
    expect(installLine({ libraryFolder: path.join(root, 'nowhere') }, 'tensorflow-cpu', {})).toBe(fresh);
    // A system's own interpreter, for which pip refuses.
    mkdirSync(path.join(made, 'lib', 'python3.12'), { recursive: true });
    writeFileSync(path.join(made, 'lib', 'python3.12', 'EXTERNALLY-MANAGED'), '');
    expect(installLine({ libraryFolder: python }, 'tensorflow-cpu', {})).toBe(fresh);
  });

  it('knows the home folder as a person writes it: the line that installs names it so', async () => {
    const made = environment('tensorflow');
    const env = { HOME: root, AVOCET_TENSORFLOW: '~/tensorflow' };
    expect(await findLibrary({}, env)).toEqual({ file: libraryUnder(made) });
    expect(await findLibrary({ libraryFolder: '~/tensorflow' }, { HOME: root })).toEqual({ file: libraryUnder(made) });
  });

  it('takes a named folder at its word: no other TensorFlow steps in', async () => {
    const empty = path.join(root, 'empty');
    mkdirSync(empty);
    expect(await findLibrary({ libraryFolder: empty }, { VIRTUAL_ENV: environment('active') })).toEqual({ looked: [empty] });
    const nowhere = path.join(root, 'nowhere');
    expect(await findLibrary({ libraryFolder: nowhere }, {})).toEqual({ looked: [`${nowhere}, which does not exist`] });
  });
});

describe('CUDA beside TensorFlow', () => {
  /** Puts what the wheel says of its build beside the library. */
  function built(library: string, info: string): void {
    const folder = path.join(path.dirname(library), 'python', 'platform');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'build_info.py'), `build_info = collections.OrderedDict([${info}])\n`);
  }

  it('is the version the wheel was built for, and none for a CPU build', () => {
    const library = libraryUnder(environment('env'))!;
    expect(cudaBuild(library)).toBeUndefined();
    built(library, "('cuda_version', '12.5.1'), ('cudnn_version', '9'), ('is_cuda_build', True)");
    expect(cudaBuild(library)).toEqual({ cuda: '12.5.1', cudnn: '9' });
    built(library, "('is_cuda_build', False), ('is_rocm_build', False)");
    expect(cudaBuild(library)).toBeUndefined();
  });

  it('is every library that pip put into nvidia/*/lib of the same packages, and nothing else', () => {
    const made = environment('env');
    const packages = path.join(made, 'lib', 'python3.12', 'site-packages');
    expect(cudaLibraries(libraryUnder(made)!)).toEqual([]);
    for (const [name, files] of Object.entries({ cudnn: ['libcudnn.so.9', 'LICENSE'], cublas: ['libcublasLt.so.12', 'libcublas.so.12'] })) {
      mkdirSync(path.join(packages, 'nvidia', name, 'lib'), { recursive: true });
      for (const file of files) writeFileSync(path.join(packages, 'nvidia', name, 'lib', file), '');
    }
    mkdirSync(path.join(packages, 'nvidia', 'empty'));
    const found = cudaLibraries(libraryUnder(made)!).map((file) => path.relative(packages, file));
    expect(found).toEqual(['nvidia/cublas/lib/libcublas.so.12', 'nvidia/cublas/lib/libcublasLt.so.12', 'nvidia/cudnn/lib/libcudnn.so.9']);
    const alone = path.join(root, 'alone', libraryName);
    mkdirSync(path.dirname(alone));
    writeFileSync(alone, '');
    expect(cudaLibraries(alone)).toEqual([]);
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
    expect(none).toMatchObject({
      available: false,
      missing: `not found: ${libraryName} in ${path.join(root, 'none')}, which does not exist`,
    });
    for (const probe of [cut, text, hollow, none]) expect(probe.remedy).toContain('pip install tensorflow-cpu');
  });
});
