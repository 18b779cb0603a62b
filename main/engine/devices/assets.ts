/**
 * Where the binaries lie: the tfjs wasm file and our kernels. In a checkout they are found from this file's place; beside a bundle
 * (Electron main, packaged app) they lie in the bundle's folder; `setAssetFolder` or AVOCET_ASSETS name any other place.
 *
 * For packaging: put `tfjs-backend-wasm-simd.wasm` (from @tensorflow/tfjs-backend-wasm/dist) and `avocet-kernels.wasm` (from
 * `node main/engine/kernels/build.mjs FOLDER`) beside the bundle that opens devices, or both into one folder of your own.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { DeviceError } from '../device-error.ts';

export const tfjsBinary = 'tfjs-backend-wasm-simd.wasm';
export const kernelBinary = 'avocet-kernels.wasm';

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

/** Folder of the tfjs wasm binary, with a trailing separator as tfjs wants it. Throws DeviceError naming what was looked for. */
export function tfjsFolder(): string {
  const beside = besides(tfjsBinary);
  if (beside !== undefined) return path.dirname(beside) + path.sep;
  const root = checkout();
  if (root !== undefined) {
    const folder = path.join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist') + path.sep;
    if (existsSync(folder + tfjsBinary)) return folder;
  }
  throw new DeviceError(
    'device',
    'wasm.binary-missing',
    `${tfjsBinary} was not found beside the program or in node_modules`,
    'Run npm ci, or reinstall Avocet.',
  );
}

/** Our kernels, built first where a checkout has only their sources. Throws DeviceError where neither is there. */
export async function kernelBytes(): Promise<Uint8Array> {
  const beside = besides(kernelBinary);
  if (beside !== undefined) return readFileSync(beside);
  const root = checkout();
  if (root === undefined) {
    throw new DeviceError('device', 'wasm.kernels-missing', `${kernelBinary} was not found beside the program`, 'Reinstall Avocet.');
  }
  const script = path.join(root, 'main', 'engine', 'kernels', 'build.mjs');
  try {
    // The script prints the path of the built file; it answers from its cache when sources have not changed.
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    return readFileSync(stdout.trim());
  } catch (error) {
    throw new DeviceError(
      'device',
      'wasm.kernels-unbuilt',
      `The kernels could not be built: ${error instanceof Error ? error.message : String(error)}`,
      'Run npm ci, then node main/engine/kernels/build.mjs to see the compiler speak.',
    );
  }
}
