/** A look at everything runs depend on, with what is wrong in words. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytes } from '#contract/amounts.ts';
import type { Problem } from '#contract/problem.ts';
import type { OutputOf } from '#contract/procedures.ts';
import type { StudioCore } from './core.ts';
import { freeSpace } from './free-space.ts';

/** Below this a checkpoint may not fit. */
const littleSpace = 1024 ** 3;
const libraries = [
  'better-sqlite3',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node-gpu',
  'koffi',
  'valibot',
  'ws',
];

export async function doctor({ version, folders, devices, library }: StudioCore): Promise<OutputOf<'studio.doctor'>> {
  const freeBytes = await freeSpace(folders.home);
  const probes = await devices.probe();
  const problems: Problem[] = [];
  try {
    accessSync(folders.home, constants.W_OK);
  } catch {
    problems.push({
      kind: 'disk',
      code: 'doctor.read-only',
      message: 'The data folder cannot be written',
      values: {},
      where: folders.home,
      fix: 'Change its permissions, or choose another with --home.',
    });
  }
  if (freeBytes > 0 && freeBytes < littleSpace) {
    problems.push({
      kind: 'disk',
      code: 'doctor.little-space',
      message: `Only ${bytes(freeBytes)} are free where the data folder lies`,
      values: { freeBytes },
      where: folders.home,
      fix: 'Free some space, or empty the trash.',
    });
  }
  if (!probes.some((probe) => probe.id === 'wasm' && probe.available)) {
    const wasm = probes.find((probe) => probe.id === 'wasm');
    problems.push({
      kind: 'device',
      code: 'doctor.no-wasm',
      message: `The default device cannot run: ${wasm?.missing ?? 'no answer'}`,
      values: {},
      ...(wasm?.remedy === undefined ? {} : { fix: wasm.remedy }),
    });
  }
  for (const broken of library.list().broken) problems.push(broken.problem);
  return {
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    home: folders.home,
    freeBytes,
    libraries: libraryVersions(),
    devices: probes,
    speeds: devices.view(),
    problems,
  };
}

/** Versions of the installed packages; a bundle that carries a package inside does not list it. */
function libraryVersions(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of libraries) {
    const version = versionOf(name);
    if (version !== undefined) found[name] = version;
  }
  return found;
}

function versionOf(name: string): string | undefined {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as { version?: unknown };
      if (typeof version === 'string') return version;
    } catch {
      // Not here: look one folder up.
    }
    if (dirname(folder) === folder) return undefined;
  }
}
