import { fork } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { FromWorker } from '#contract/task.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { forkSpawn } from '#studio/spawn.ts';
import type { Spawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';
import { ActiveClock } from './active-clock.ts';
import { shareOf } from './cost-share.ts';
import type { Cost, Share } from './cost-share.ts';
import { quartiles, rowOf } from './report.ts';
import type { Row } from './report.ts';
import { withFolder } from './sides.ts';
import type { Bench } from './sides.ts';
import { spread, standardError } from './statistics.ts';
import type { Said } from './train-side.ts';
import { goalOf, isMet } from './works.ts';
import type { Work } from './works.ts';
import { datasetName, eventsOf, importFolder, runConfig, trainTask, writeDrawnFolder } from './worker-run.ts';

/** More than the row waits for. */
const epochs = 900;
const turnMs = 500;
/** After a turn: what the last words of one side cause shall not be counted to the other. */
const restMs = 50;
const turnsPerRound = 10;
const secondsPerRound = 10;

/**
 * What a run pays for being supervised, stored and shown to a watcher: the time that its worker spends on its owner, and all the
 * processor time of the studio's process, as a share of the time the run was at work. That is the most it can cost: were there no
 * core beside the run's, all of it would be taken from the run; with one, the studio's part costs nothing. Each is counted, not taken
 * from a difference of epochs, which on any machine drifts by more. Epochs of the same trainer with nobody around it, in turns of half
 * a second with those of the supervised one, stand beside it as a check for what is not counted.
 */
export async function overheadRow(bench: Bench, work: Work, threads: readonly number[]): Promise<Row[]> {
  const count = Math.max(...threads);
  const start = { work: work.id, title: work.title, device: bench.device, threads: count, peerThreads: count };
  if (process.platform === 'win32') return [rowOf(start, { note: 'skipped: this system cannot stop a process and let it go on' })];
  return await withFolder(async (parent) => {
    const home = join(parent, 'home');
    await importFolder(await writeDrawnFolder(parent), homeFolders(home).datasets);
    const supervised = await superviseRun(bench, work.model, home, count);
    try {
      const alone = await runAlone(bench, work.model, count, { parent, dataset: join(homeFolders(home).datasets, datasetName) });
      try {
        const costs = await costsOf(supervised, bench.rounds * secondsPerRound);
        for (let turn = 0; turn < bench.rounds * turnsPerRound; turn++) {
          await takeTurn(supervised);
          await takeTurn(alone);
        }
        const [within, without] = [supervised, alone].map(({ clock, ends }) => clock.between(ends)) as [number[], number[]];
        const [own, other] = [spread(within), spread(without)];
        const share = shareOf(costs);
        const figures = { ms: own.median, ratio: 1 + share.total };
        const goal = goalOf(work, bench.device, count);
        return [
          rowOf(
            { ...start, deviceName: alone.name, threads: alone.threads },
            {
              ...figures,
              spread: quartiles(own),
              peerMs: other.median,
              peerSpread: quartiles(other),
              goal,
              // Within twice the error of the goal it is not decided.
              met: goal !== null && Math.abs(1 + share.total - goal) < 2 * share.error ? null : isMet(work, goal, figures),
              note: noteOf(share, within, without),
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

function noteOf(share: Share, within: readonly number[], without: readonly number[]): string {
  const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
  const meanOf = (of: readonly number[]) => of.reduce((sum, ms) => sum + ms, 0) / of.length;
  const ratio = meanOf(within) / meanOf(without);
  const error = ratio * Math.hypot(standardError(within) / meanOf(within), standardError(without) / meanOf(without));
  return [
    `at most ${percent(share.total)} ± ${percent(share.error)} (the worker's ${percent(share.worker)}, the studio's process ${percent(share.studio)})`,
    `epochs side by side ${ratio.toFixed(3)} ± ${error.toFixed(3)}, ${within.length} and ${without.length} of them`,
  ].join('; ');
}

interface Supervised extends Side {
  /** Milliseconds that the worker spent on its owner so far. */
  readonly spent: () => number;
  readonly end: () => Promise<void>;
}

/** Second by second, while the run is left alone: the worker's part, and this process's time, in which the studio lives and nothing else. */
async function costsOf({ pid, spent }: Supervised, seconds: number): Promise<Cost[]> {
  const costs: Cost[] = [];
  process.kill(pid, 'SIGCONT');
  // What it was told while it was stopped is not the run's.
  await wait(1000);
  for (let second = 0; second < seconds; second++) {
    const [before, used, started] = [spent(), process.cpuUsage(), performance.now()];
    await wait(1000);
    const { user, system } = process.cpuUsage(used);
    costs.push({ worker: spent() - before, studio: (user + system) / 1000, active: performance.now() - started });
  }
  process.kill(pid, 'SIGSTOP');
  return costs;
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
async function superviseRun(bench: Bench, model: string, home: string, threads: number): Promise<Supervised> {
  const ends: number[] = [];
  let spent = 0;
  let pid: number | undefined;
  let problem: string | undefined;
  const workers = forkSpawn(join(import.meta.dirname, 'timed-worker.ts'));
  const overheard: Spawn = (name) => {
    const worker = workers(name);
    worker.onMessage((value) => {
      // Not parsed: the studio does that, and its work is what is counted.
      const message = value as FromWorker & { readonly spent?: number };
      spent = message.spent ?? spent;
      for (const { at, event } of eventsOf(message)) {
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
    spent: () => spent,
    end: async () => {
      process.kill(side.pid, 'SIGCONT');
      await link.call('runs.stop', { ids: [...runIds], keep: false });
      await watching;
      await studio.close();
    },
  };
}
