/*
 * Can the desktop app open here, and with which runtime? Requiring the electron package downloads when nothing is installed,
 * so this looks at its files instead and downloads only where a window could open. Dependency-free.
 */
import { existsSync, readFileSync, statSync, writeFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { cache, node24, environment, root, runToEnd, say } from './setup.mjs';

const executable = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';

/** The installed runtime's executable, or undefined. ELECTRON_OVERRIDE_DIST_PATH names a folder that has one. */
export function installedElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const path = join(override ?? join(root, 'node_modules', 'electron', 'dist'), executable);
  return existsSync(path) ? path : undefined;
}

const failure = join(cache, 'electron-download-failed');
const aDay = 24 * 60 * 60 * 1000;

/** Downloads the pinned runtime; a failure is remembered for a day, so that later starts do not wait for the same dead end. */
export async function downloadElectron() {
  if (existsSync(failure) && Date.now() - statSync(failure).mtimeMs < aDay) return undefined;
  say('Downloading the Electron runtime …');
  const install = join(root, 'node_modules', 'electron', 'install.js');
  const code = await runToEnd(node24(), [install], { env: environment(), stdio: 'ignore', timeout: 5 * 60 * 1000 });
  const found = installedElectron();
  if (code === 0 && found !== undefined) {
    rmSync(failure, { force: true });
    return found;
  }
  mkdirSync(cache, { recursive: true });
  writeFileSync(failure, 'The runtime could not be downloaded. Delete this file to try again before a day has passed.\n');
  return undefined;
}

/** Why no window can open on this machine whatever is installed, or undefined. */
export function noWindowReason() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'there is no display (DISPLAY and WAYLAND_DISPLAY are unset)';
  if (process.platform === 'linux' && process.getuid?.() === 0) return 'the desktop app runs in a sandbox, which the root user cannot have';
  return undefined;
}

/** The pinned version, for messages. */
export function electronVersion() {
  return JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;
}
