import { fork } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import * as v from 'valibot';
import { fromWorkerSchema } from '#contract/task.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { forkSpawn } from '#studio/spawn.ts';
import type { Spawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';
import { ActiveClock } from './active-clock.ts';
import { productMs } from './calibration.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import { driftRefusal, spread, standardError } from './statistics.ts';
import type { Said } from './train-side.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';
import { datasetName, eventsOf, importFolder, runConfig, trainTask, workerEntry, writeDrawnFolder } from './worker-run.ts';

/** More than the row waits for. */
const epochs = 900;
const turnMs = 500;
/** After a turn: what the last words of one side cause shall not be counted to the other. */
const restMs = 50;
const turnsPerRound = 20;

/**
 * Epochs of a run that the studio supervises, stores and shows to a watcher, beside those of the same trainer with nobody around it. The
 * difference is smaller than what a machine drifts within a run, so both live at once and take turns of half a second: one is stopped
 * by the system while the other goes on.
 */
export async function overheadRow(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  const start = { work: work.id, title: work.title, device: bench.device, threads: count, peerThreads: count };
  if (process.platform === 'win32') return [rowOf(start, { note: 'skipped: this system cannot stop a process and let it go on' })];
  return await withFolder(async (parent) => {
    const home = join(parent, 'home');
    await importFolder(await writeDrawnFolder(parent), homeFolders(home).datasets);
    const before = spread(productMs()).low;
    const supervised = await superviseRun(bench, work.model, home, count);
    try {
      const alone = await runAlone(bench, work.model, count, { parent, dataset: join(homeFolders(home).datasets, datasetName) });
      try {
        const use = { user: 0, system: 0 };
        for (let turn = 0; turn < bench.rounds * turnsPerRound; turn++) {
          const used = process.cpuUsage();
          await takeTurn(supervised);
          const { user, system } = process.cpuUsage(used);
          use.user += user;
          use.system += system;
          await takeTurn(alone);
        }
        const [within, without] = [supervised, alone].map(({ clock, ends }) => clock.between(ends)) as [number[], number[]];
        const [own, other] = [spread(within), spread(without)];
        const after = spread(productMs()).low;
        const calibration = { own: { before, after } };
        const drifted = driftRefusal(calibration);
        const meanOf = (of: readonly number[]) => of.reduce((sum, ms) => sum + ms, 0) / of.length;
        const ratio = meanOf(within) / meanOf(without);
        const error = ratio * Math.hypot(standardError(within) / meanOf(within), standardError(without) / meanOf(without));
        const figures = { ms: own.median, ratio: drifted === undefined ? ratio : null };
        const goal = goalOf(work, bench.device, count);
        const share = ((use.user + use.system) / 10 / supervised.clock.until(Infinity)).toFixed(2);
        const certainty = `ratio of means ± ${error.toFixed(3)} over ${within.length} and ${without.length} epochs`;
        const note = [drifted, certainty, `the studio's own process worked ${share} % of that time`].filter((text) => text !== undefined);
        return [
          rowOf(
            { ...start, deviceName: alone.name, threads: alone.threads },
            {
              ...figures,
              spread: quartiles(own),
              peerMs: other.median,
              peerSpread: quartiles(other),
              goal,
              met: isMet(work, goal, figures),
              calibration,
              note: note.join('; '),
            },
          ),
        ];
      } finally {
        process.kill(alone.pid, 'SIGKILL');
      }
    } finally {
      await supervised.end();
    }
  });
}

interface Side {
  readonly pid: number;
  /** Times of epochs' ends, by the clock of the process that trains. */
  readonly ends: readonly number[];
  readonly clock: ActiveClock;
}

async function takeTurn({ pid, clock }: Side): Promise<void> {
  clock.continued(Date.now());
  process.kill(pid, 'SIGCONT');
  await wait(turnMs);
  process.kill(pid, 'SIGSTOP');
  clock.stopped(Date.now());
  await wait(restMs);
}

/** Lets a run get into its stride, and stops it there. Throws what `problem` says. */
async function warmed(side: Side, problem: () => string | undefined): Promise<void> {
  while (side.ends.length < 3) {
    const wrong = problem();
    if (wrong !== undefined) throw new Error(wrong);
    await wait(20);
  }
  process.kill(side.pid, 'SIGSTOP');
}

async function runAlone(
  bench: Bench,
  model: string,
  threads: number,
  { parent, dataset }: { parent: string; dataset: string },
): Promise<Side & { readonly name: string; readonly threads: number }> {
  const folders = { dataset, run: join(parent, 'run'), cache: join(parent, 'cache') };
  const task = trainTask(bench, runConfig(bench, model, threads, epochs), folders);
  const child = fork(join(import.meta.dirname, 'train-side.ts'), [JSON.stringify(task)], { execArgv: [] });
  let opened = { name: bench.device as string, threads };
  let problem: string | undefined;
  const ends: number[] = [];
  child.on('message', (said: Said) => {
    if ('at' in said) ends.push(said.at);
    else if ('problem' in said) problem = said.problem;
    else opened = said;
  });
  child.on('exit', (code) => (problem ??= `the run without a studio ended with ${code}`));
  const side = { pid: child.pid!, ends, clock: new ActiveClock() };
  await warmed(side, () => problem);
  return { ...side, ...opened };
}

/** A run through an experiment of a studio in this process, with a watcher on its link. */
async function superviseRun(
  bench: Bench,
  model: string,
  home: string,
  threads: number,
): Promise<Side & { readonly end: () => Promise<void> }> {
  const ends: number[] = [];
  let pid: number | undefined;
  let problem: string | undefined;
  const workers = forkSpawn(workerEntry);
  const overheard: Spawn = (name) => {
    const worker = workers(name);
    worker.onMessage((value) => {
      const message = v.safeParse(fromWorkerSchema, value);
      if (!message.success) return;
      for (const { at, event } of eventsOf(message.output)) {
        if (event.type === 'failed') problem = event.problem.message;
        if (event.type !== 'epochFinished') continue;
        pid = worker.pid;
        ends.push(at);
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
  const link = studio.link();
  const { budget, device, hyper } = runConfig(bench, model, threads, epochs);
  const request = { datasets: [datasetName], models: [{ model, values: hyper }], seeds: [1], budget, device, threads, runKnown: true };
  const { runIds } = await link.call('experiments.start', request);
  const watching = (async () => {
    for await (const { summary } of link.stream('runs.watch', { id: runIds[0]! })) {
      if (summary?.state === 'stopped' || summary?.state === 'failed') return;
    }
  })();
  while (pid === undefined) {
    if (problem !== undefined) throw new Error(problem);
    await wait(20);
  }
  const side = { pid, ends, clock: new ActiveClock() };
  await warmed(side, () => problem);
  return {
    ...side,
    end: async () => {
      process.kill(side.pid, 'SIGCONT');
      await link.call('runs.stop', { ids: [...runIds], keep: false });
      await watching;
      await studio.close();
    },
  };
}
