/**
 * Folders of models of the person's own: what lies in them, read whole, and copies of it in the folders of runs. The studio looks at the
 * first, workers train from the second.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OwnSource } from '#contract/own-model.ts';
import { ProblemError } from '#contract/problem.ts';

/** Folder of a run that holds the source its model had. */
export const sourceFolder = 'model';

/** Far more than a model needs; what is larger was put there by mistake. */
const most = { files: 50, bytes: 512 * 1024 };
const idPattern = /^[a-z][a-z0-9-]*$/;

/** Names of the folders that hold a model, or should; links are not followed. Whatever stands in their place stops nobody: there are none then. */
export function modelFolders(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/**
 * The TypeScript of a folder with its hash.
 * @throws ProblemError own.name, own.too-large
 */
export function readSource(root: string, id: string): OwnSource {
  const folder = join(root, id);
  if (!idPattern.test(id))
    throw new ProblemError({
      kind: 'config',
      code: 'own.name',
      message: `"${id}" is no name for a model`,
      where: folder,
      fix: 'Small letters, digits and dashes, a letter first: "my-model".',
    });
  const files = namesIn(folder).map((name) => {
    const path = join(folder, name);
    if (statSync(path).size > most.bytes) throw tooLarge(`${id}/${name}`, `larger than ${most.bytes / 1024} KB`);
    return { name, text: readFileSync(path, 'utf8') };
  });
  if (files.length > most.files) throw tooLarge(folder, `${files.length} files`);
  return { id, hash: hashOf(files), files };
}

function tooLarge(where: string, found: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'own.too-large',
    message: `${found}: not the source of a model`,
    where,
    fix: `Keep at most ${most.files} TypeScript files of ${most.bytes / 1024} KB in the folder.`,
  });
}

/** TypeScript files of a folder and those below it, without declarations and tests. */
function namesIn(folder: string, before = ''): string[] {
  return readdirSync(join(folder, before), { withFileTypes: true })
    .flatMap((entry) => {
      const name = `${before}${entry.name}`;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      if (entry.isDirectory()) return namesIn(folder, `${name}/`);
      const isSource = entry.isFile() && name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.test.ts');
      return isSource ? [name] : [];
    })
    .sort();
}

function hashOf(files: OwnSource['files']): string {
  return createHash('sha256')
    .update(JSON.stringify(files.map(({ name, text }) => [name, text])))
    .digest('hex');
}

/** Writes the source a run was planned with into its folder: from then on the run trains that, whatever becomes of the model's folder. */
export function keepSource(runFolder: string, own: OwnSource): void {
  for (const { name, text } of own.files) {
    const path = join(runFolder, sourceFolder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/**
 * The source kept with a run.
 * @throws ProblemError own.source-changed where it is not the one that the run was planned with
 */
export function keptSource(runFolder: string, id: string, hash: string): OwnSource {
  const folder = join(runFolder, sourceFolder);
  let files: OwnSource['files'] = [];
  try {
    files = namesIn(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (hashOf(files) === hash) return { id, hash, files };
  throw new ProblemError({
    kind: 'config',
    code: 'own.source-changed',
    message:
      files.length === 0 ? 'the source kept with this run is gone' : 'the source kept with this run is not the one it was planned with',
    values: { model: id, hash },
    where: folder,
    fix: 'Clone the run: it then takes the model as it is now.',
  });
}
