import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { hello } from './compared-rows.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { ownSide, withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import { Side } from './side.ts';
import { spread } from './statistics.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';
import { datasetName, eventsOf, importFolder, runConfig, trainTask, workerTask, writeDrawnFolder } from './worker-run.ts';

/** Rows about what a person waits for before a run computes: the import and the start. No peer does the same. */

export async function importRow(bench: Bench, work: Work): Promise<Row[]> {
  return await withFolder(async (parent) => {
    const folder = await writeDrawnFolder(parent);
    const ms: number[] = [];
    for (let round = 0; round < bench.rounds; round++) {
      const datasets = join(parent, `datasets-${round}`);
      const started = performance.now();
      await importFolder(folder, datasets);
      ms.push(performance.now() - started);
      await rm(datasets, { recursive: true });
    }
    const time = spread(ms);
    const start = { work: work.id, title: work.title, device: 'worker', threads: 1, peerThreads: 1 };
    return [rowOf(start, { ms: time.median, spread: quartiles(time), note: 'process start included' })];
  });
}

/** Opening a dataset with all its features in a process that has opened nothing yet: known files, and at first sight, when they are hashed. */
export async function openRow(bench: Bench, work: Work): Promise<Row[]> {
  return await withFolder(async (parent) => {
    await importFolder(await writeDrawnFolder(parent, work.size), parent);
    const folder = join(parent, datasetName);
    // Files that are this new are not trusted by their times yet.
    await wait(2500);
    const times: Record<'first' | 'known', number[]> = { first: [], known: [] };
    for (let round = 0; round < bench.rounds; round++) {
      await rm(join(folder, 'checked.json'), { force: true });
      for (const sight of ['first', 'known'] as const) {
        const side = new Side(process.execPath, [join(import.meta.dirname, 'open-side.ts'), folder]);
        try {
          times[sight].push((await side.ask('open')).ms!.reduce((sum, ms) => sum + ms, 0));
        } finally {
          await side.close();
        }
      }
    }
    const known = spread(times.known);
    const goal = goalOf(work, bench.device, 1);
    const start = { work: work.id, title: work.title, device: 'worker', threads: 1, peerThreads: 1 };
    const note = `at first sight, with hashes, ${spread(times.first).median.toFixed(0)} ms`;
    return [rowOf(start, { ms: known.median, spread: quartiles(known), goal, met: isMet(work, goal, { ms: known.median }), note })];
  });
}

/** From the fork of the worker to the word that the first batch is next, on an imported dataset. */
export async function startRows(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  const { name, threads: opened } = await withFolder(async (folder) => {
    const side = ownSide(bench, { ...work, model: 'lightgcn' }, folder, count);
    try {
      return await hello(side);
    } finally {
      await side.close();
    }
  });
  return await withFolder(async (parent) => {
    const datasets = join(parent, 'datasets');
    await importFolder(await writeDrawnFolder(parent), datasets);
    const ms: number[] = [];
    // Round −1 runs to its end: it leaves what the compiler made of our modules, as any run before does.
    for (let round = -1; round < bench.rounds; round++) {
      const folders = { dataset: join(datasets, datasetName), run: join(parent, `run-${round}`), cache: join(parent, `cache-${round}`) };
      const started = Date.now();
      let began: number | undefined;
      const model = round < 0 ? 'lightgcn' : work.model;
      await workerTask(trainTask(bench, runConfig(bench, model, count, 1), folders), (message) => {
        for (const { at, event } of eventsOf(message)) {
          if (event.type === 'failed') throw new Error(event.problem.message);
          if (event.type === 'phase' && event.phase === 'train') began ??= at;
        }
        return began !== undefined && round >= 0;
      });
      if (round >= 0) ms.push(began! - started);
    }
    const time = spread(ms);
    const goal = goalOf(work, bench.device, count);
    const start = { work: work.id, title: work.title, device: bench.device, deviceName: name, threads: opened, peerThreads: count };
    return [rowOf(start, { ms: time.median, spread: quartiles(time), goal, met: isMet(work, goal, { ms: time.median }) })];
  });
}
