/**
 * Makes the binaries of the wasm device: `node main/engine/kernels/build.mjs [FOLDER]` prints the path of our kernels on standard
 * output, all else on standard error; beside them lies tfjs's own binary on shared memory. Without FOLDER they land in
 * out/kernels/<hash of sources, compiler and tfjs>/ and are made only when missing; with FOLDER copies are put there. Files appear
 * whole (written aside, then renamed), so two processes may build at once.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { builtFolder, flags, root, sources, tfjsBinary, variants } from './built-folder.mjs';

function place(file, bytes) {
  mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, bytes);
  renameSync(aside, file);
}

async function compile(variant) {
  const asc = await import('assemblyscript/asc');
  const started = Date.now();
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', ...flags, ...variant], {
    readFile: (name, base) => {
      const file = path.resolve(sources, base, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    writeFile: (name, content) => {
      if (name.endsWith('.wasm')) binary = content;
    },
    listFiles: () => [],
  });
  const said = stderr.toString();
  if (said !== '') process.stderr.write(said);
  if (error !== null || binary === undefined) throw error ?? new Error('asc gave no binary');
  process.stderr.write(`Built the kernels in ${Date.now() - started} ms.\n`);
  return binary;
}

/**
 * tfjs's binary with its memory declared shared, so that threads of ours can work on it: one flag of its memory section. Plain loads
 * and stores mean the same on a shared memory; the file's own minimum and maximum (4 GiB) stay.
 */
function tfjsOnSharedMemory() {
  const bytes = readFileSync(path.join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'));
  const number = (at) => {
    let value = 0;
    let next = at;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[next++];
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return { value, next };
    }
  };
  const memorySection = 5;
  for (let at = 8; at < bytes.length;) {
    const { value: size, next } = number(at + 1);
    if (bytes[at] !== memorySection) {
      at = next + size;
      continue;
    }
    // One memory, whose flags say that it has a maximum (1) and then also that it is shared (2).
    if (bytes[next] !== 1 || bytes[next + 1] !== 1) break;
    bytes[next + 1] = 3;
    return bytes;
  }
  throw new Error('the tfjs binary does not declare one memory with a maximum: another version than the one this was written for?');
}

const built = builtFolder();
if (!existsSync(path.join(built, tfjsBinary))) place(path.join(built, tfjsBinary), tfjsOnSharedMemory());
for (const [name, variant] of Object.entries(variants)) {
  if (!existsSync(path.join(built, name))) place(path.join(built, name), await compile(variant));
}
const folder = path.resolve(process.argv[2] ?? built);
if (folder !== built) {
  for (const name of [...Object.keys(variants), tfjsBinary]) place(path.join(folder, name), readFileSync(path.join(built, name)));
}
process.stdout.write(`${path.join(folder, 'avocet-kernels.wasm')}\n`);
