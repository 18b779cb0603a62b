/*
 * Builds what is out of date: `node main/cli/build.mjs` everything, with `renderer` or `main` as argument only that part. A part is
 * out of date when a hash over the files that go into it differs from the hash kept beside its output. Output goes to stderr.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { alone, ensureInstalled, environment, node24, refuse, root, runToEnd, say } from './setup.mjs';

const shared = [
  'preload/contract',
  'package.json',
  'package-lock.json',
  'electron.vite.config.ts',
  'main/cli/build-part.mjs',
  'main/cli/licences.mjs',
];

/** What a part is made of and the files that show it was made. */
const parts = {
  renderer: { from: ['renderer', 'resources/examples', ...shared], made: ['out/renderer/index.html'] },
  main: {
    from: ['main', 'preload', ...shared],
    made: ['out/main/desktop.cjs', 'out/main/updates.cjs', 'out/main/worker.cjs', 'out/preload/index.cjs'],
  },
};

function filesUnder(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  const entries = readdirSync(dirname(absolute), { withFileTypes: true }).find(({ name }) => join(dirname(absolute), name) === absolute);
  if (entries?.isFile()) return [absolute];
  return readdirSync(absolute, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function sourceHash(part) {
  const hash = createHash('sha256');
  for (const path of parts[part].from.flatMap(filesUnder).sort()) {
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

const stampOf = (part) => join(root, 'out', `${part}.hash`);

function isFresh(part, hash) {
  const stamp = stampOf(part);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) return false;
  return parts[part].made.every((path) => existsSync(join(root, path)));
}

/** Makes the given parts current. Safe to call from several processes at once: one builds, the others wait for it. */
export async function ensureBuilt(wanted) {
  const stale = wanted.filter((part) => !isFresh(part, sourceHash(part)));
  if (stale.length === 0) return;
  await ensureInstalled();
  await alone('build', async () => {
    for (const part of stale) {
      const hash = sourceHash(part);
      if (isFresh(part, hash)) continue;
      say(`Building the ${part === 'main' ? 'desktop program' : 'page'} …`);
      rmSync(stampOf(part), { force: true });
      const code = await runToEnd(node24(), [join(root, 'main/cli/build-part.mjs'), part], { env: environment() });
      if (code !== 0) refuse(`the ${part} did not build; the lines above say why`);
      mkdirSync(join(root, 'out'), { recursive: true });
      writeFileSync(stampOf(part), hash);
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  const unknown = asked.find((part) => !(part in parts));
  if (unknown !== undefined) refuse(`there is no part "${unknown}" to build; parts are ${Object.keys(parts).join(', ')}`);
  await ensureBuilt(asked.length > 0 ? asked : Object.keys(parts));
}
