/** Where the user's TensorFlow lies: the library inside the Python wheel. Looks, loads nothing. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { OpenOptions } from '../../engine.ts';

export const libraryName = process.platform === 'darwin' ? 'libtensorflow_cc.2.dylib' : 'libtensorflow_cc.so.2';

/** Found, with its real path: a link would not find the second library beside it. */
export interface Found {
  readonly file: string;
}
/** Not found: every place that was looked at, for people. */
export interface NotFound {
  readonly looked: readonly string[];
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The library in a folder, a site-packages folder or a Python environment. */
export function libraryUnder(root: string): string | undefined {
  const pythons = ['lib', 'lib64'].flatMap((lib) =>
    entries(path.join(root, lib))
      .filter((name) => name.startsWith('python3'))
      .map((name) => path.join(root, lib, name, 'site-packages', 'tensorflow')),
  );
  const folders = [root, path.join(root, 'tensorflow'), ...pythons];
  const file = folders.map((folder) => path.join(folder, libraryName)).find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : realpathSync(file);
}

/** The environment that `npm test` makes for itself. */
function testEnvironment(env: NodeJS.ProcessEnv): string {
  const store = env['AVOCET_TEST_CACHE'] ?? path.join(env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'avocet');
  return path.join(store, 'tensorflow-cpu');
}

async function systemSitePackages(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("platlib"))'], {
      timeout: 5000,
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Looks in the named folder alone where there is one (options, then AVOCET_TENSORFLOW); else in the active Python or Conda
 * environment, the one of the tests, and what `python3` names as its packages.
 */
export async function findLibrary(options: OpenOptions, env: NodeJS.ProcessEnv = process.env): Promise<Found | NotFound> {
  // An empty name is how a shell takes a variable back.
  const named = (options.libraryFolder ?? env['AVOCET_TENSORFLOW']) || undefined;
  const places = named === undefined ? [env['VIRTUAL_ENV'], env['CONDA_PREFIX'], testEnvironment(env)] : [named];
  const looked: string[] = [];
  for (const place of places) {
    if (place === undefined || place === '') continue;
    const file = libraryUnder(place);
    if (file !== undefined) return { file };
    looked.push(place);
  }
  if (named !== undefined) return { looked };
  const packages = await systemSitePackages();
  const file = packages === undefined ? undefined : libraryUnder(packages);
  if (file !== undefined) return { file };
  return { looked: [...looked, packages ?? 'python3 (which did not answer)'] };
}
