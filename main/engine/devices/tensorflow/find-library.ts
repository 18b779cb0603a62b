/** Where the user's TensorFlow lies: the library inside the Python wheel. Looks, loads nothing. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
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

/** The library in a folder, a folder of packages or a Python environment; the environment's interpreter will do for its name. */
export function libraryUnder(place: string): string | undefined {
  const root = isFile(place) ? path.join(path.dirname(place), path.basename(path.dirname(place)) === 'bin' ? '..' : '.') : place;
  const pythons = ['lib', 'lib64', path.join('local', 'lib')].flatMap((lib) =>
    entries(path.join(root, lib))
      .filter((name) => name.startsWith('python3'))
      // Debian's own packages lie in dist-packages.
      .flatMap((name) => ['site-packages', 'dist-packages'].map((packages) => path.join(root, lib, name, packages, 'tensorflow'))),
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

/** Where `python3` looks for packages: the system's, and the user's own from `pip install --user`. */
async function systemPackages(): Promise<string[]> {
  try {
    const script =
      'import site, sysconfig; print("\\n".join([sysconfig.get_path("platlib"), *site.getsitepackages(), site.getusersitepackages()]))';
    const { stdout } = await promisify(execFile)('python3', ['-c', script], { timeout: 5000 });
    return [...new Set(stdout.trim().split('\n'))];
  } catch {
    return [];
  }
}

/** The line that puts TensorFlow into a named environment, or into a new one: a system's Python refuses packages from pip. */
export function installLine(options: OpenOptions, packageName: string, env: NodeJS.ProcessEnv = process.env): string {
  const named = nameOf(options, env) ?? env['VIRTUAL_ENV'] ?? env['CONDA_PREFIX'];
  const python = named === undefined ? undefined : isFile(named) ? named : path.join(named, 'bin', 'python');
  if (python !== undefined && existsSync(python) && !isManaged(python)) return `${python} -m pip install ${packageName}`;
  return `python3 -m venv ~/tensorflow && ~/tensorflow/bin/pip install ${packageName}`;
}

/** Whether pip refuses to install for this interpreter, as Debian's, Fedora's and Homebrew's own do (PEP 668). */
function isManaged(python: string): boolean {
  const lib = path.join(path.dirname(path.dirname(python)), 'lib');
  return entries(lib).some((name) => name.startsWith('python3') && existsSync(path.join(lib, name, 'EXTERNALLY-MANAGED')));
}

function nameOf(options: OpenOptions, env: NodeJS.ProcessEnv): string | undefined {
  const named = options.libraryFolder ?? env['AVOCET_TENSORFLOW'];
  // An empty name is how a shell takes a variable back. What a person types into a field no shell has looked at.
  if (named === undefined || named === '') return undefined;
  return named === '~' || named.startsWith('~/') ? path.join(env['HOME'] ?? homedir(), named.slice(1)) : named;
}

function isFile(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Looks in the named folder alone where there is one (options, then AVOCET_TENSORFLOW); else in the active Python or Conda
 * environment, the one of the tests, and what `python3` names as its packages.
 */
export async function findLibrary(options: OpenOptions, env: NodeJS.ProcessEnv = process.env): Promise<Found | NotFound> {
  const named = nameOf(options, env);
  const places = named === undefined ? [env['VIRTUAL_ENV'], env['CONDA_PREFIX'], testEnvironment(env)] : [named];
  const looked: string[] = [];
  for (const place of places) {
    if (place === undefined || place === '') continue;
    const file = libraryUnder(place);
    if (file !== undefined) return { file };
    looked.push(place);
  }
  if (named !== undefined) return { looked: existsSync(named) ? looked : [`${named}, which does not exist`] };
  const system = await systemPackages();
  const file = system.map((packages) => libraryUnder(packages)).find((found) => found !== undefined);
  if (file !== undefined) return { file };
  return { looked: [...looked, ...(system.length === 0 ? ['python3 (which did not answer)'] : system)] };
}
