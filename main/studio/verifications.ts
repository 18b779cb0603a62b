/**
 * Verifies finished runs: the best checkpoint is scored once more in a worker, one run at a time, and every stored digit is compared with what
 * comes out. A reproduction is compared with its parent when it ends. What was found is kept with the run.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import { isExternalId } from '#contract/external.ts';
import type { Check, Verifying } from '#contract/lineage.ts';
import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import { rescoredSchema, type VerifyTask } from '#contract/task.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { Store } from '#store/store.ts';
import { comparedAgain, comparedTraining, masked } from './compared-values.ts';
import type { HomeFolders } from './home-folders.ts';
import type { Hub } from './hub.ts';
import type { Job, Jobs } from './jobs.ts';
import type { Spawn } from './spawn.ts';
import type { RunNews } from './supervisor.ts';
import { startTask, type TaskRun } from './worker-task.ts';

export interface VerificationNeeds {
  readonly store: Store;
  readonly hub: Hub<RunNews>;
  readonly jobs: Jobs;
  readonly spawn: Spawn;
  readonly folders: HomeFolders;
  readonly codeVersion: string;
  readonly libraryFolder: () => string | undefined;
}

interface Waiting {
  readonly run: RunRow;
  fraction: number;
  text: string;
  task: TaskRun | undefined;
}

const progressSchema = v.object({ fraction: v.number(), text: v.string() });

const titleOf = ({ modelTitle, datasetName, seed }: RunRow) => `${modelTitle} on ${datasetName}, seed ${seed}`;

export class Verifications {
  readonly #needs: VerificationNeeds;
  /** The first one is at work. */
  #line: Waiting[] = [];
  readonly #problems = new Map<string, Problem>();
  #work: Promise<void> = Promise.resolve();

  constructor(needs: VerificationNeeds) {
    this.#needs = needs;
  }

  /** @throws ProblemError verification.* where there is nothing to score again */
  start(run: RunRow): void {
    if (this.#line.some((entry) => entry.run.id === run.id)) return;
    this.#check(run);
    this.#problems.delete(run.id);
    this.#line.push({ run, fraction: 0, text: 'Waiting for another verification', task: undefined });
    this.#tell(run.id);
    if (this.#line.length === 1) this.#work = this.#next();
  }

  stop(id: string): void {
    const entry = this.#line.find(({ run }) => run.id === id);
    if (entry === undefined) return;
    if (entry.task !== undefined) return entry.task.cancel();
    this.#line = this.#line.filter((other) => other !== entry);
    this.#tell(id);
  }

  /** Those at work and waiting, in order. */
  list(): Check[] {
    return this.#line.map(({ run, fraction, text, task }) => ({
      run: run.id,
      title: titleOf(run),
      state: task === undefined ? 'waiting' : 'running',
      fraction,
      text,
    }));
  }

  /** How far the checking of a run is (0 to 1), and what earlier ones found. */
  of(id: string): Verifying {
    const entry = this.#line.find(({ run }) => run.id === id);
    const problem = this.#problems.get(id);
    return {
      state: entry === undefined ? 'none' : entry.task === undefined ? 'waiting' : 'running',
      fraction: entry?.fraction ?? 0,
      text: entry?.text ?? '',
      ...(problem === undefined ? {} : { problem }),
      verifications: this.found(id),
    };
  }

  /** What was found of a run, test values left out while they are masked. */
  found(id: string): Verifying['verifications'] {
    const { store } = this.#needs;
    const found = store.verifications.of(id);
    return store.runs.isTestShown(id) ? found : found.map(masked);
  }

  /** Called when a run has ended: a reproduction is held against its parent. */
  ended(id: string): void {
    const { store, codeVersion } = this.#needs;
    const kin = store.lineage.of(id);
    const run = store.runs.summary(id);
    if (kin?.origin !== 'reproduction' || kin.parent === null || run?.state !== 'finished') return;
    const parent = store.runs.summary(kin.parent);
    if (parent === undefined || store.verifications.of(id).some(({ byRun }) => byRun === id)) return;
    const device = store.runs.provenance(id)?.device ?? run.device;
    store.verifications.add(parent.id, {
      ...comparedTraining(store, parent, run),
      at: Date.now(),
      how: 'training',
      byRun: id,
      codeVersion,
      device,
      seconds: run.elapsedSeconds,
    });
    this.#tell(parent.id);
    this.#tell(id);
  }

  /** Gives up what is at work and waiting. */
  async close(): Promise<void> {
    const [first] = this.#line;
    this.#line = this.#line.slice(0, 1);
    first?.task?.cancel();
    await this.#work;
  }

  async #next(): Promise<void> {
    for (let entry = this.#line[0]; entry !== undefined; entry = this.#line[0]) {
      const { id } = entry.run;
      const job = this.#needs.jobs.begin(`Verifying ${titleOf(entry.run)}`, () => this.stop(id));
      try {
        await this.#verify(entry, job);
      } catch (error) {
        const problem = toProblem(error);
        if (problem.kind !== 'cancelled') this.#problems.set(id, problem);
      } finally {
        job.end();
      }
      this.#line = this.#line.slice(1);
      this.#tell(id);
    }
  }

  async #verify(entry: Waiting, job: Job): Promise<void> {
    const { store, spawn, codeVersion } = this.#needs;
    const { run } = entry;
    const startedAt = Date.now();
    entry.task = startTask(spawn, this.#taskOf(run), (value) => {
      const progress = v.safeParse(progressSchema, value);
      if (!progress.success) return;
      Object.assign(entry, progress.output);
      job.progress(progress.output.fraction);
      this.#tell(run.id);
    });
    entry.text = 'Starting';
    this.#tell(run.id);
    const rescored = v.parse(rescoredSchema, await entry.task.result);
    const at = Date.now();
    store.verifications.add(run.id, {
      ...comparedAgain(store, run.id, rescored),
      at,
      how: 'evaluation',
      codeVersion,
      device: store.runs.provenance(run.id)?.device ?? run.device,
      seconds: (at - startedAt) / 1000,
    });
  }

  #taskOf(run: RunRow): VerifyTask {
    const { store, folders, codeVersion } = this.#needs;
    const libraryFolder = this.#needs.libraryFolder();
    const threadShare = store.runs.provenance(run.id)?.threads;
    return {
      kind: 'verify',
      runId: run.id,
      config: store.runs.config(run.id)!,
      bestEpoch: run.bestEpoch!,
      datasetFolder: store.datasets.get(run.dataset)?.folder ?? join(folders.datasets, run.dataset),
      runFolder: folders.run(run.id),
      cacheFolder: folders.cache,
      codeVersion,
      ...(libraryFolder === undefined ? {} : { libraryFolder }),
      ...(threadShare === undefined ? {} : { threadShare }),
    };
  }

  #check(run: RunRow): void {
    const refuse = (code: string, message: string, fix: string) => {
      throw new ProblemError({ kind: 'config', code: `verification.${code}`, message, values: { id: run.id }, fix });
    };
    const { store } = this.#needs;
    if (isExternalId(run.model))
      refuse(
        'external',
        `${run.modelTitle} was not computed by Avocet, so there is no checkpoint to score`,
        'Import its results again to score them again.',
      );
    if (run.state !== 'finished' || run.bestEpoch === undefined)
      refuse('unfinished', `Run ${run.id} is not finished`, 'Verify it when it is finished.');
    if (!store.artifacts.of(run.id).some(({ name }) => name === 'checkpoint-best'))
      refuse(
        'no-checkpoint',
        `Run ${run.id} has no checkpoint of its best epoch any more`,
        'Reproduce it: that trains it again with the same seed.',
      );
    if (store.datasets.get(run.dataset) === undefined)
      refuse('no-dataset', `The dataset ${run.datasetName} is gone`, 'Import it again, then verify.');
  }

  #tell(id: string): void {
    const { hub } = this.#needs;
    hub.tell(`verification ${id}`);
    hub.tell('queue');
  }
}
