/**
 * Where the binaries lie: tfjs's on shared memory and three of our kernels. In a checkout they are made on first use; beside a bundle
 * (Electron main, packaged app) they lie in the bundle's folder; `setAssetFolder` or AVOCET_ASSETS name any other place.
 *
 * For packaging: `node main/engine/kernels/build.mjs FOLDER` puts them all beside the bundle that opens devices, or into a folder of
 * your own.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DeviceError } from '../device-error.ts';

export const tfjsBinary = 'tfjs-backend-wasm-shared.wasm';
export const kernelBinary = 'avocet-kernels.wasm';
export const fusedBinary = 'avocet-kernels-fused.wasm';
const wideBinary = 'avocet-kernels-wide.wasm';

let named: string | undefined;

/** Names the folder that holds both binaries; for bundles that do not keep them beside themselves. */
export function setAssetFolder(folder: string): void {
  named = folder;
}

/** Folder of this file, or of the bundle it became part of (CommonJS, where `__dirname` exists and import.meta does not). */
export function ownFolder(): string {
  return typeof __dirname === 'string' ? __dirname : import.meta.dirname;
}

/** The checkout this file runs from: the nearest folder above with our kernel sources, if there is one. */
export function checkout(): string | undefined {
  let folder = ownFolder();
  for (;;) {
    if (existsSync(path.join(folder, 'main', 'engine', 'kernels', 'assembly'))) return folder;
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

function besides(file: string): string | undefined {
  const folders = [named, process.env['AVOCET_ASSETS'], ownFolder()];
  return folders.flatMap((folder) => (folder === undefined ? [] : [path.join(folder, file)])).find((file) => existsSync(file));
}

/** Path of a binary, made first where a checkout has only its sources. Throws DeviceError where neither is there. */
async function binary(file: string): Promise<string> {
  const beside = besides(file);
  if (beside !== undefined) return beside;
  const root = checkout();
  if (root === undefined) {
    throw new DeviceError('device', 'wasm.kernels-missing', `${file} was not found beside the program`, 'Reinstall Avocet.');
  }
  return path.join(await builtIn(root), file);
}

/** Folder of the binaries of a checkout. A process of its own makes them, so that the compiler's memory is not this one's. */
async function builtIn(root: string): Promise<string> {
  const kernels = path.join(root, 'main', 'engine', 'kernels');
  const script = path.join(kernels, 'build.mjs');
  try {
    const { finishedFolder } = (await import(/* @vite-ignore */ pathToFileURL(path.join(kernels, 'built-folder.mjs')).href)) as {
      finishedFolder(): string | undefined;
    };
    const finished = finishedFolder();
    if (finished !== undefined) return finished;
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    return path.dirname(stdout.trim());
  } catch (error) {
    throw new DeviceError(
      'device',
      'wasm.kernels-unbuilt',
      `The kernels could not be built: ${error instanceof Error ? error.message : String(error)}`,
      'Run npm ci, then node main/engine/kernels/build.mjs to see the compiler speak.',
    );
  }
}

/** The tfjs binary on shared memory, as a path: tfjs reads it itself. */
export function tfjsFile(): Promise<string> {
  return binary(tfjsBinary);
}

/** Our kernels, of the kind that this WebAssembly can run: with fused multiply-add or without. */
export async function kernelBytes(): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isFused: boolean }> {
  const fused = readFileSync(await binary(fusedBinary));
  if (WebAssembly.validate(fused)) return { bytes: fused, isFused: true };
  return { bytes: readFileSync(await binary(kernelBinary)), isFused: false };
}

/** The fused kernels in tiles for vectors of eight, where they are there and this WebAssembly can run them; see wasm-module.ts. */
export async function wideKernelBytes(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const wide = readFileSync(await binary(wideBinary));
    return WebAssembly.validate(wide) ? wide : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Our kernels for a memory that is not shared, for a device that uses a few of them without threads: the same module, whose import of
 * a memory is declared unshared.
 */
export async function kernelBytesAlone(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(readFileSync(await binary(kernelBinary)));
  // The import's name with its length, then "a memory", then its flags: 3 shared with a maximum, 1 with a maximum.
  const name = Buffer.from('\x06memory\x02\x03', 'latin1');
  bytes[Buffer.from(bytes.buffer).indexOf(name) + name.length - 1] = 1;
  return bytes;
}
