/*
 * What every start-up script needs before anything of npm can be imported, so it imports nothing but Node and runs on Node 20.
 * Progress goes to stderr: stdout belongs to the command that was asked for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folder for stamps and intermediate files; may be deleted at any time. */
export const cache = join(root, '.cache');

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends the process with a message for people: what was found, and the fix. */
export function refuse(message) {
  say(`avocet: ${message}`);
  process.exit(1);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Why node_modules does not hold what package-lock.json asks for, or undefined where it does. Compares content, so a hand-made `npm ci` counts. */
export function missingPackages(folder = root) {
  const wanted = readJson(join(folder, 'package-lock.json'))?.packages;
  const installed = readJson(join(folder, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined) return 'package-lock.json is missing or not readable';
  if (installed === undefined) return 'the packages are not installed';
  for (const [path, { version, optional, devOptional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined && (optional === true || devOptional === true)) continue;
    if (found === undefined) return `${path.replace(/^.*node_modules\//, '')} ${version} is not installed`;
    if (found.version !== version)
      return `${path.replace(/^.*node_modules\//, '')} is ${found.version}, package-lock.json asks for ${version}`;
  }
  return undefined;
}

/** Runs one thing at a time over processes: several commands started at once on a fresh checkout install and build once. */
export async function alone(name, work) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, `${name}.lock`);
  for (;;) {
    try {
      const handle = openSync(lock, 'wx');
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : 0);
      if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a program to its end with its output on stderr; resolves with the exit code, 1 where it could not be started or was killed. */
export function runToEnd(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr], ...options });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Makes node_modules hold what the lock file asks for; installs over the network only where it does not. */
export async function ensureInstalled() {
  if (missingPackages() === undefined) return;
  await alone('install', async () => {
    const reason = missingPackages();
    if (reason === undefined) return;
    say(`Installing packages (${reason}) …`);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    // Its warnings are about the Node that runs npm; what is installed runs on the Node 24 among it.
    const code = await runToEnd(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
    const left = missingPackages();
    if (code !== 0 || left !== undefined)
      refuse(`"npm ci" did not finish${left === undefined ? '' : ` (${left})`}. Run it by hand to see why.`);
  });
}

/** Node 24: the one of node_modules, or the running one where that is new enough. */
export function node24() {
  const bundled = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  if (existsSync(bundled) && spawnSync(bundled, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v24')) return bundled;
  return refuse(`Node 24 is needed and node_modules holds none for ${process.platform}-${process.arch}. Install Node 24 and start again.`);
}

/** Environment in which `node` means Node 24 and npm's own settings do not leak into child processes. */
export function environment(extra = {}) {
  const bin = join(root, 'node_modules', '.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${bin}${separator}${process.env.PATH ?? ''}`, ...extra };
}

/**
 * As {@link environment}, for programs of ours on Node 24: what V8 made of our modules is kept, for every worker loads hundreds of them.
 * Not for Electron, whose bundles are one file each.
 */
export function nodeEnvironment(extra = {}) {
  return environment({ NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cache, 'compiled'), ...extra });
}

/** Replaces this script by a program: same standard streams, signals handed on, same exit code. */
export function become(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  const handOn = (signal) => child.pid !== undefined && child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, handOn);
  child.on('error', (error) => refuse(`${program} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  return child;
}
