/**
 * Where build.mjs puts the binaries of the wasm device, and out of what. Apart from it because a worker asks this at every start, and
 * a process of its own only to be told so would cost a start more than opening the device.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, '..', '..', '..');
export const sources = path.join(here, 'assembly');
export const flags = [
  '--importMemory',
  '--initialMemory',
  '1',
  '--runtime',
  'stub',
  '--noAssert',
  '--use',
  'abort=',
  '--noExportMemory',
  '--sharedMemory',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'threads',
  '-O3',
];

/**
 * The kernels thrice: with products and sums rounded twice, with both rounded once for a WebAssembly that has relaxed SIMD (V8 11.4),
 * and those in tiles for vectors of eight (devices/wasm-module.ts).
 */
export const variants = {
  'avocet-kernels.wasm': ['--use', 'FUSED=0', '--use', 'WIDE=0'],
  'avocet-kernels-fused.wasm': ['--enable', 'relaxed-simd', '--use', 'FUSED=1', '--use', 'WIDE=0'],
  'avocet-kernels-wide.wasm': ['--enable', 'relaxed-simd', '--use', 'FUSED=1', '--use', 'WIDE=1'],
};

export const tfjsBinary = 'tfjs-backend-wasm-shared.wasm';

function sourceHash() {
  const hash = createHash('sha256');
  for (const name of ['assemblyscript', '@tensorflow/tfjs-backend-wasm']) {
    hash.update(JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')).version).update(' ');
  }
  hash.update(JSON.stringify([flags, variants]));
  const files = readdirSync(sources).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(sources, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Folder of the binaries made from the sources as they are now. */
export function builtFolder() {
  return path.join(root, 'out', 'kernels', sourceHash());
}

/** The same, where all binaries lie there already. */
export function finishedFolder() {
  const folder = builtFolder();
  return [...Object.keys(variants), tfjsBinary].every((name) => existsSync(path.join(folder, name))) ? folder : undefined;
}
