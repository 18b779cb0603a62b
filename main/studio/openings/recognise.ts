/** What was dropped or opened, for the page: experiment files are read here, all other layouts are told by a worker. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as v from 'valibot';
import { layoutsSchema, type Opened } from '#contract/opening.ts';
import type { Store } from '#store/store.ts';
import type { StudioCore } from '../core.ts';
import { startTask } from '../worker-task.ts';

const mostSweepBytes = 4 * 1024 * 1024;

/** Likeliest first. @throws ProblemError open.unknown, open.*, sweep.*, archive.*, file.* */
export async function recognise(
  { spawn, jobs, incoming, store }: Pick<StudioCore, 'spawn' | 'jobs' | 'incoming' | 'store'>,
  paths: readonly string[],
): Promise<Opened[]> {
  const [first = ''] = paths;
  const experiment = paths.length === 1 ? await experimentIn(first, store) : undefined;
  if (experiment !== undefined) return [experiment];
  const unpackTo = incoming.folder();
  const task = startTask(spawn, { kind: 'recognise', paths: [...paths], unpackTo });
  const job = jobs.begin(`Looking at ${basename(first)}`, () => task.cancel());
  try {
    const { found } = v.parse(layoutsSchema, await task.result);
    return await Promise.all(
      found.map(async (layout): Promise<Opened> =>
        layout.kind === 'reported' ? { ...layout, text: await readFile(layout.path, 'utf8') } : layout,
      ),
    );
  } catch (error) {
    // What was unpacked of a damaged or unknown archive is nobody's.
    await incoming.remove(unpackTo);
    throw error;
  } finally {
    job.end();
  }
}

/** An experiment file, by its keys; any other YAML or JSON is left to the rest. @throws ProblemError sweep.* naming the key that is wrong */
async function experimentIn(path: string, store: Store): Promise<Opened | undefined> {
  if (!/\.(?:ya?ml|json)$/i.test(path)) return undefined;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > mostSweepBytes) return undefined;
  const text = await readFile(path, 'utf8');
  const { isSweep, sweepRequest } = await import('../sweep-file.ts');
  if (!isSweep(text)) return undefined;
  const request = sweepRequest(text, basename(path));
  return { kind: 'experiment', path, request: { ...request, datasets: request.datasets.map((entry) => idOf(entry, store)) } };
}

/** A file may name a dataset by its title; the form knows ids. What is not here stays as it is, and the plan says so. */
function idOf(entry: string, store: Store): string {
  const wanted = entry.toLowerCase();
  const found = store.datasets.list().find(({ summary }) => [summary.id, summary.name].some((name) => name.toLowerCase() === wanted));
  return found?.summary.id ?? entry;
}
