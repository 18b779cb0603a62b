import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hello } from './compared-rows.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { ownSide, withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
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
    for (let round = 0; round < bench.rounds; round++) {
      const folders = { dataset: join(datasets, datasetName), run: join(parent, `run-${round}`), cache: join(parent, `cache-${round}`) };
      const started = Date.now();
      let began: number | undefined;
      await workerTask(trainTask(bench, runConfig(bench, work.model, count, 1), folders), (message) => {
        for (const { at, event } of eventsOf(message)) {
          if (event.type === 'failed') throw new Error(event.problem.message);
          if (event.type === 'phase' && event.phase === 'train') began ??= at;
        }
        return began !== undefined;
      });
      ms.push(began! - started);
    }
    const time = spread(ms);
    const goal = goalOf(work, bench.device, count);
    const start = { work: work.id, title: work.title, device: name, threads: opened, peerThreads: count };
    return [rowOf(start, { ms: time.median, spread: quartiles(time), goal, met: isMet(work, goal, { ms: time.median }) })];
  });
}
