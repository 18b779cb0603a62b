import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as v from 'valibot';
import { fromWorkerSchema } from '#contract/task.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { forkSpawn } from '#studio/spawn.ts';
import type { Spawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';
import { productMs } from './calibration.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import { Side } from './side.ts';
import { driftRefusal, spread } from './statistics.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';
import { datasetName, eventsOf, importFolder, runConfig, trainTask, workerEntry, writeDrawnFolder } from './worker-run.ts';

const epochs = 9;

/** Epochs of a run that the studio supervises, stores and shows to a watcher, beside those of the same trainer with nobody around it. */
export async function overheadRow(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  return await withFolder(async (parent) => {
    const home = join(parent, 'home');
    await importFolder(await writeDrawnFolder(parent), homeFolders(home).datasets);
    const supervised: number[] = [];
    let busyMs = 0;
    const before = spread(productMs()).low;
    const alone: number[] = [];
    let opened: { name: string; threads: number } = { name: bench.device, threads: count };
    const rounds = Math.min(bench.rounds, 3);
    for (let round = 0; round < rounds; round++) {
      const run = await supervisedRun(bench, work.model, home, count, round);
      supervised.push(...epochTimes(run.ends));
      busyMs += run.busyMs;
      const folders = {
        dataset: join(homeFolders(home).datasets, datasetName),
        run: join(parent, `run-${round}`),
        cache: join(parent, `cache-${round}`),
      };
      const side = new Side(process.execPath, [
        join(import.meta.dirname, 'train-side.ts'),
        JSON.stringify(trainTask(bench, { ...runConfig(bench, work.model, count, epochs), seed: round }, folders)),
      ]);
      const { name = '', threads: used = 1, values = [] } = await side.ask('go');
      await side.close();
      opened = { name, threads: used };
      alone.push(...epochTimes(values));
    }
    const after = spread(productMs()).low;
    const [within, without] = [spread(supervised), spread(alone)];
    const calibration = { own: { before, after } };
    const drifted = driftRefusal(calibration);
    const figures = { ms: within.median, ratio: drifted === undefined ? within.median / without.median : null };
    const goal = goalOf(work, bench.device, count);
    const start = { work: work.id, title: work.title, device: opened.name, threads: opened.threads, peerThreads: count };
    const share = ((100 * busyMs) / supervised.reduce((sum, ms) => sum + ms, 0)).toFixed(2);
    const note = `${drifted === undefined ? '' : `${drifted}; `}the studio's own process worked ${share} % of that time`;
    const met = isMet(work, goal, figures);
    const spreads = { spread: quartiles(within), peerSpread: quartiles(without) };
    return [rowOf(start, { ...figures, ...spreads, peerMs: without.median, goal, met, calibration, note })];
  });
}

/** Between the ends of epochs: training, evaluation, checkpoint, and whatever reporting costs. The first one warms up. */
function epochTimes(ends: readonly number[]): number[] {
  return ends.slice(2).map((end, place) => end - ends[place + 1]!);
}

interface SupervisedRun {
  /** The worker's clock at each epoch's end. */
  readonly ends: readonly number[];
  /** Processor time of this process, the studio's, over the epochs that {@link epochTimes} counts. */
  readonly busyMs: number;
}

/** One run through an experiment of a studio in this process, with a watcher on its link. */
async function supervisedRun(bench: Bench, model: string, home: string, threads: number, seed: number): Promise<SupervisedRun> {
  const ends: number[] = [];
  let firstUse = process.cpuUsage();
  let lastUse = firstUse;
  const fork = forkSpawn(workerEntry);
  const overheard: Spawn = (name) => {
    const worker = fork(name);
    worker.onMessage((value) => {
      const message = v.safeParse(fromWorkerSchema, value);
      if (!message.success) return;
      for (const { at, event } of eventsOf(message.output)) {
        if (event.type !== 'epochFinished') continue;
        ends.push(at);
        lastUse = process.cpuUsage();
        if (ends.length === 2) firstUse = lastUse;
      }
    });
    return worker;
  };
  const capabilities = { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform } as const;
  const studio = await openStudio({
    home,
    spawn: overheard,
    resume: true,
    demo: false,
    host: { capabilities, roots: [homedir(), tmpdir()] },
  });
  try {
    const link = studio.link();
    const { budget, device, hyper } = runConfig(bench, model, threads, epochs);
    const request = { datasets: [datasetName], models: [{ model, values: hyper }], seeds: [seed], budget, device, threads, runKnown: true };
    const { runIds } = await link.call('experiments.start', request);
    for await (const { summary } of link.stream('runs.watch', { id: runIds[0]! })) {
      if (summary?.problem !== undefined) throw new Error(summary.problem.message);
      if (summary?.state === 'finished') break;
    }
    const busy = lastUse.user - firstUse.user + (lastUse.system - firstUse.system);
    return { ends, busyMs: busy / 1000 };
  } finally {
    await studio.close();
  }
}
