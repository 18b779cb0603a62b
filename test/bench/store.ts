/**
 * What the lists of the studio cost over a store of 10,000 runs, asked through the link with both ends parsing, as the page asks: median
 * and slowest of interleaved repetitions. Beside each stands a fixed piece of work, to tell a slow machine from a slow list.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { Link } from '#contract/link.ts';
import { cards } from '#models/cards.ts';
import { median } from '#stats/median.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';
import { fixedWork, timed } from './fixed-work.ts';
import { putStore } from './kept-store.ts';
import { datasets } from './many-runs.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    repeats: { type: 'string', default: '15' },
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** Goals of the screens, ms: a list after a filter or a sort, a pivot with its marks (R rows of the studio's goals). */
const listMs = 50;
const pivotMs = 150;
const pivot = `Compare: ${cards.length} models × ${datasets.length} datasets × 5 seeds, 8 metrics`;
const goals: Readonly<Record<string, number>> = { [pivot]: pivotMs };
/** Rows the page asks for at a time. */
const limit = 50;

const works: Readonly<Record<string, (link: Link) => Promise<unknown>>> = {
  'first page, seeds collapsed': (link) => link.call('runs.page', { limit }),
  'first page, run by run': (link) => link.call('runs.page', { collapse: false, limit }),
  'page 50, seeds collapsed': (link) => link.call('runs.page', { offset: 1900, limit }),
  'sorted by val.recall@20, seeds collapsed': (link) =>
    link.call('runs.page', { sort: [{ field: 'val.recall@20', descending: true }], limit }),
  'sorted by val.ndcg@20, run by run': (link) =>
    link.call('runs.page', { collapse: false, limit, sort: [{ field: 'val.ndcg@20', descending: true }] }),
  'filter: metric and setting': (link) =>
    link.call('runs.page', {
      models: ['egra'],
      limit,
      where: [
        { field: 'val.recall@20', operator: '>=', value: 0.05 },
        { field: 'learningRate', operator: '<', value: 0.1 },
      ],
    }),
  'filter: three settings and a metric, run by run': (link) =>
    link.call('runs.page', { collapse: false, limit, filter: 'p001 < 0.5 and p020 >= 3 and p110 = "kind 1" and val.ndcg@10 > 0.05' }),
  'grouped by model and dataset, means': (link) =>
    link.call('runs.page', { group: ['model', 'dataset'], limit, columns: ['val.recall@20', 'val.ndcg@20'] }),
  'text search': (link) => link.call('runs.page', { search: 'mgcn tiktok seed', limit }),
  'Compare: list of experiments': (link) => link.call('experiments.list', {}),
  'Compare: one experiment of 100 runs': (link) => link.call('compare.table', { scope: { experiments: ['exp-7'] } }),
  [pivot]: (link) =>
    link.call('compare.table', {
      // One configuration of every model on every dataset, as many-runs.ts deals them out.
      scope: { runs: Array.from({ length: cards.length * datasets.length * 5 }, (_, at) => `run-${at}`) },
      metrics: ['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20', 'precision@10', 'precision@20', 'map@10', 'map@20'],
    }),
  'Queue: what it shows now': async (link) => {
    for await (const queue of link.stream('queue.watch', {})) return queue;
    return undefined;
  },
};

const home = values.home ?? mkdtempSync(join(tmpdir(), 'avocet-bench-store-'));
try {
  const count = Number(values.runs);
  putStore(home, count);
  const spawn = forkSpawn(fileURLToPath(new URL('../../main/worker/process.ts', import.meta.url)));
  const host = { capabilities: { shell: 'browser' as const, nativeDialogs: false, revealInFolder: false, platform: process.platform } };
  const studio = await openStudio({ home, spawn, resume: false, demo: false, host });
  const link = studio.link();
  const times = new Map(Object.keys(works).map((name) => [name, [] as number[]]));
  const fixed: number[] = [];
  for (let repeat = 0; repeat < Number(values.repeats) + 2; repeat++) {
    for (const [name, work] of Object.entries(works)) {
      const took = await timed(() => work(link));
      // The first two turns fill caches and compile.
      if (repeat >= 2) times.get(name)!.push(took);
    }
    if (repeat >= 2) fixed.push(await timed(fixedWork));
  }
  await studio.close();
  const fixedMs = median(fixed);
  const rows = [...times].map(([work, all]) => {
    const ms = median(all);
    const goalMs = goals[work] ?? listMs;
    return { work, runs: count, ms, slowestMs: Math.max(...all), ratio: ms / fixedMs, goalMs, met: ms < goalMs };
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, fixedMs }, null, 2)}\n`);
  else {
    for (const { work, ms, slowestMs, ratio, goalMs, met } of rows)
      process.stdout.write(
        `${work.padEnd(50)} ${ms.toFixed(1).padStart(8)} ms   slowest ${slowestMs.toFixed(1).padStart(8)}   ${ratio.toFixed(2).padStart(6)} × fixed   goal < ${goalMs} ms, ${met ? 'met' : 'NOT met'}\n`,
      );
    process.stdout.write(`fixed work: a sort of 200,000 numbers, ${fixedMs.toFixed(1)} ms\n`);
  }
} finally {
  if (values.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
