/**
 * Compiles the kernels: `node main/engine/kernels/build.mjs [FOLDER]` prints the path of the .wasm on standard output, all else on
 * standard error. Without FOLDER it lands in out/kernels/<hash of sources and compiler>.wasm and is compiled only when that is
 * missing; with FOLDER a copy named avocet-kernels.wasm is put there. Files appear whole (written aside, then renamed), so two
 * processes may build at once.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '..', '..', '..');
const sources = path.join(here, 'assembly');
const flags = [
  '--importMemory',
  '--initialMemory',
  '1',
  '--runtime',
  'stub',
  '--noAssert',
  '--use',
  'abort=',
  '--noExportMemory',
  '--enable',
  'simd',
  '-O3',
];

function sourceHash() {
  const hash = createHash('sha256');
  const compiler = path.join(root, 'node_modules', 'assemblyscript', 'package.json');
  hash.update(JSON.parse(readFileSync(compiler, 'utf8')).version).update(flags.join(' '));
  const files = readdirSync(sources).filter((file) => file.endsWith('.ts'));
  for (const file of files.sort())
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(sources, file)));
  return hash.digest('hex').slice(0, 16);
}

function place(file, bytes) {
  mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, bytes);
  renameSync(aside, file);
}

async function compile() {
  const asc = await import('assemblyscript/asc');
  const started = Date.now();
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', ...flags], {
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

const built = path.join(root, 'out', 'kernels', `${sourceHash()}.wasm`);
if (!existsSync(built)) place(built, await compile());
const folder = process.argv[2];
if (folder === undefined) {
  process.stdout.write(`${built}\n`);
} else {
  const copy = path.join(path.resolve(folder), 'avocet-kernels.wasm');
  mkdirSync(path.dirname(copy), { recursive: true });
  copyFileSync(built, `${copy}.${process.pid}`);
  renameSync(`${copy}.${process.pid}`, copy);
  process.stdout.write(`${copy}\n`);
}
