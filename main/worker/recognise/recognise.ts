/**
 * What dropped or opened files are, told by their layout: names where formats have names, else their first bytes. Nothing is imported here,
 * and nothing is written but the content of an archive, into a folder that was given for it.
 */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Layout } from '#contract/opening.ts';
import { ProblemError } from '#contract/problem.ts';
import { diskError } from '#data/file-stream.ts';
import { logFormats } from '#logs/formats.ts';
import type { LogPlace } from '#logs/log-format.ts';
import { placeOf } from '#logs/walk.ts';
import { layoutsOfFile } from './file.ts';
import { namesOf, unknown } from './unknown.ts';
import { vectorsAmong } from './vectors.ts';

export interface Looking {
  /** Where an archive is unpacked; made when there is one. */
  readonly unpackTo: string;
  readonly signal: AbortSignal;
}

const tableName = /\.(?:csv|tsv|jsonl?|dat|data|txt)(?:\.gz)?$/i;
const mostSteps = 4;

/** @throws ProblemError open.unknown (says what was found and what can be opened), open.* , archive.*, file.* */
export async function recognise(paths: readonly string[], looking: Looking): Promise<readonly Layout[]> {
  const [first = ''] = paths;
  if (paths.length === 1) return layoutsOf(first, looking, 0);
  const vectors = vectorsAmong(paths);
  if (vectors !== undefined) return [vectors];
  const folder = dirname(first);
  // Files that were taken out of a dataset folder stand for it; what else lies there is named by the preview.
  if (paths.some((path) => path.endsWith('.inter')) && paths.every((path) => dirname(path) === folder))
    return layoutsOf(folder, looking, 0);
  throw unknown({ where: folder, found: namesOf(paths.map((path) => basename(path))), isSeveral: true });
}

async function layoutsOf(path: string, looking: Looking, steps: number): Promise<readonly Layout[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw diskError(error, path);
  });
  if (found.isDirectory()) return layoutsOfFolder(path, looking, steps);
  if (!found.isFile()) throw unknown({ where: path, found: 'neither a file nor a folder' });
  const archived = await layoutsOfFile(path, found.size, () => unpacking(path, looking, steps));
  if (archived !== undefined) return archived;
  const runs = await logsIn({ root: dirname(path), files: [{ path, relative: basename(path), bytes: found.size }], closed: [] }, path);
  return runs === undefined ? (await import('./table.ts')).layoutsOfTable(path) : [runs];
}

/** A folder for what an archive holds, and what to say of it once it is filled. */
async function unpacking(archive: string, looking: Looking, steps: number) {
  if (steps >= mostSteps) throw unknown({ where: archive, found: 'an archive in an archive' });
  // The folder is named like the archive: datasets and runs are named after their folders.
  const name = basename(archive).replace(/(?:\.tar)?\.(?:zip|tgz|gz|tar)$/i, '');
  // One that lay in another has a folder beside it, so that what it holds does not mix with what lay around it.
  const root = steps === 0 ? looking.unpackTo : join(looking.unpackTo, `inner-${steps}`);
  const target = join(root, /^\.*$/.test(name) ? 'archive' : name);
  await mkdir(target, { recursive: true });
  return { target, filled: () => layoutsOf(target, looking, steps + 1) };
}

async function layoutsOfFolder(path: string, looking: Looking, steps: number): Promise<readonly Layout[]> {
  const entries = (
    await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      throw diskError(error, path);
    })
  ).filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
  const names = entries.map(({ name }) => name);
  refuseOurs(path, names);
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  if (files.some((name) => name.endsWith('.inter'))) return [await datasetIn(path, files)];
  const runs = await logsIn(await placeOf(path, looking.signal), path);
  if (runs !== undefined) return [runs];
  const vectors = vectorsAmong(files.map((name) => join(path, name)));
  if (vectors !== undefined) return [vectors];
  if (steps < mostSteps && entries.length === 1) return layoutsOf(join(path, names[0]!), looking, steps + 1);
  const tables = files.filter((name) => tableName.test(name));
  if (tables.length === 1) return layoutsOf(join(path, tables[0]!), looking, steps + 1);
  throw unknown({ where: path, found: namesOf(names), isFolder: true, tables });
}

/** A RecBole dataset folder holds an .inter file too, with the types of its columns in the header: that file is read as a log. */
async function datasetIn(folder: string, files: readonly string[]): Promise<Layout> {
  const inter = files.filter((name) => name.endsWith('.inter'));
  if (inter.length === 1) {
    const path = join(folder, inter[0]!);
    if (await (await import('./table.ts')).hasTypedColumns(path)) return { kind: 'dataset', path, layout: 'log' };
  }
  return { kind: 'dataset', path: folder, layout: 'folder' };
}

async function logsIn(place: LogPlace, path: string): Promise<Layout | undefined> {
  const looked = await Promise.allSettled(logFormats.map(async (format) => ({ tool: format.tool, ...(await format.find(place)) })));
  const found = looked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  for (const { close } of found) close?.();
  const tools = found.flatMap(({ tool, units }) => (units.length > 0 ? [tool] : []));
  if (tools.length === 0) return undefined;
  return { kind: 'logs', path, tools, runs: found.reduce((sum, { units }) => sum + units.length, 0) };
}

/** Folders of Avocet itself are opened in other ways. */
function refuseOurs(path: string, names: readonly string[]): void {
  if (names.includes('avocet.sqlite'))
    throw new ProblemError({
      kind: 'data',
      code: 'open.home',
      message: 'This is a data folder of Avocet, with datasets and runs of its own',
      where: path,
      fix: 'Start Avocet with --home and this folder to work in it, or open a bundle that was saved from it.',
    });
  if (names.includes('card.ts') && names.includes('model.ts'))
    throw new ProblemError({
      kind: 'data',
      code: 'open.model',
      message: 'This is a model of your own, which would be run here: code is not taken from what is dropped',
      where: path,
      fix: 'Put the folder into models of the data folder yourself; New experiment, Add a model, says where that is.',
    });
}
