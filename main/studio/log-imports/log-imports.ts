/**
 * Runs of other tools: looked at and imported, each in a worker process that reads the files and never writes. What it read is stored in
 * transactions of whole runs, so an import that is stopped or killed leaves whole runs, and the same again brings what is missing.
 */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import * as v from 'valibot';
import {
  importedModelId,
  logsTaskEventSchema,
  logToolTitles,
  type ImportLogs,
  type ImportLogsEvent,
  type LogFinding,
  type LoggedRun,
  type LogsTaskEvent,
  type LogTool,
  type FoundRun,
} from '#contract/log-import.ts';
import type { Problem } from '#contract/problem.ts';
import { budgetSchema, type RunConfig } from '#contract/run.ts';
import type { Hub } from '../hub.ts';
import { newId } from '../identity.ts';
import type { Jobs } from '../jobs.ts';
import { remembered } from '../remembered.ts';
import type { Spawn } from '../spawn.ts';
import type { RunNews } from '../supervisor.ts';
import type { Store } from '#store/store.ts';
import { TaskStreams } from './task-streams.ts';

/** What datasets are listed as where neither the person nor the log names one. */
const noDataset = 'not named';

export class LogImports {
  readonly #store: Store;
  readonly #hub: Hub<RunNews>;
  readonly #jobs: Jobs;
  readonly #streams: TaskStreams;

  constructor(store: Store, hub: Hub<RunNews>, jobs: Jobs, spawn: Spawn) {
    this.#store = store;
    this.#hub = hub;
    this.#jobs = jobs;
    this.#streams = new TaskStreams(spawn);
  }

  /** Everything found, in short, with the runs that are here already marked. @throws ProblemError logs.missing, logs.unknown */
  async *inspect(path: string, signal: AbortSignal): AsyncGenerator<LogFinding, void, void> {
    const known = this.#store.imported.known();
    /** By content: what the first of its kind is called. */
    const met = new Map<string, string>();
    const counts = { runs: 0, known: 0, skipped: 0 };
    for await (const event of this.#read({ path, whole: false, known: [] }, signal)) {
      if (event.type === 'found') {
        // A run that lies in the place twice is imported once, and the other is named.
        const runs = event.runs.filter(({ hash, name }) => !met.has(hash) && met.set(hash, name));
        for (const twin of event.runs.filter((run) => !runs.includes(run))) {
          counts.skipped += 1;
          yield { type: 'skipped', problem: sameContent(twin, met.get(twin.hash)!) };
        }
        counts.runs += runs.length;
        counts.known += runs.filter(({ hash }) => known.has(hash)).length;
        yield {
          type: 'runs',
          runs: runs.map((run) => ({ ...run, ...(known.has(run.hash) ? { known: known.get(run.hash)! } : {}) })),
        };
      } else if (event.type !== 'read') {
        if (event.type === 'skipped') counts.skipped += 1;
        yield event;
      }
    }
    if (!signal.aborted) yield { type: 'finished', ...counts };
  }

  /** Stores what is not here yet; leaving the stream stops it. @throws ProblemError logs.missing, logs.unknown */
  async *import({ path, dataset }: ImportLogs, signal: AbortSignal): AsyncGenerator<ImportLogsEvent, void, void> {
    const place = resolve(path);
    const job = this.#jobs.begin(`Importing runs from ${basename(place)}`);
    const experiments = new Set<string>();
    const counts = { imported: 0, known: 0, skipped: 0 };
    try {
      for await (const event of this.#read({ path, whole: true, known: [...this.#store.imported.known().keys()] }, signal)) {
        if (event.type === 'read') {
          const added = this.#put(event.runs, { place, dataset, experiments });
          counts.imported += added;
          counts.known += event.runs.length - added;
          this.#hub.tell('queue');
          this.#hub.tell('status');
        } else if (event.type === 'found') counts.known += event.runs.length;
        else {
          if (event.type === 'skipped') counts.skipped += 1;
          else job.progress(event.fraction);
          yield event;
        }
      }
      if (!signal.aborted) yield { type: 'done', ...counts, experiments: [...experiments] };
    } finally {
      job.end();
      this.#hub.tell('status');
    }
  }

  close(): Promise<void> {
    return this.#streams.close();
  }

  #read(task: { path: string; whole: boolean; known: string[] }, signal: AbortSignal): AsyncGenerator<LogsTaskEvent, void, void> {
    return this.#streams.follow({ kind: 'logs', ...task }, (value) => v.parse(logsTaskEventSchema, value), signal);
  }

  #put(
    runs: readonly LoggedRun[],
    { place, dataset, experiments }: { readonly place: string; readonly dataset: string | undefined; readonly experiments: Set<string> },
  ): number {
    const now = Date.now();
    const labelOf = remembered((name: string | undefined) => this.#label(name));
    return this.#store.transaction(() => {
      for (const tool of new Set(runs.map(({ origin }) => origin.tool))) experiments.add(this.#experiment(tool, place, now));
      return this.#store.imported.put(
        runs.map((run) => {
          const label = labelOf(dataset ?? run.dataset);
          const modelTitle = run.model ?? run.origin.name;
          const model = importedModelId(modelTitle);
          return {
            id: newId('run'),
            experimentId: experimentId(run.origin.tool, place),
            dataset: label.id,
            datasetName: label.name,
            model,
            modelTitle,
            config: configOf(run, label.id, model),
            run,
            createdAt: now,
          };
        }),
      );
    });
  }

  /** A dataset of ours with that id or name, as a label alone; else the name itself. */
  #label(name: string | undefined): { readonly id: string; readonly name: string } {
    if (name === undefined) return { id: 'label:', name: noDataset };
    const wanted = name.toLowerCase();
    const own = this.#store.datasets
      .list()
      .find(({ summary }) => [summary.id, summary.name].some((known) => known.toLowerCase() === wanted));
    return own === undefined ? { id: `label:${wanted}`, name } : { id: own.summary.id, name: own.summary.name };
  }

  /** One experiment for each place and tool: importing it again goes on in the same. */
  #experiment(tool: LogTool, place: string, now: number): string {
    const id = experimentId(tool, place);
    if (this.#store.experiments.get(id) === undefined)
      this.#store.experiments.insertImported({
        id,
        name: `${logToolTitles[tool]}: ${basename(place)}`.slice(0, 120),
        note: `Imported from ${place}`,
        createdAt: now,
      });
    return id;
  }
}

const experimentId = (tool: LogTool, place: string) =>
  `import-${createHash('sha256').update(`${tool}\n${place}`).digest('hex').slice(0, 12)}`;

function sameContent({ name, source }: FoundRun, first: string): Problem {
  return {
    kind: 'data',
    code: 'logs.same-content',
    message: `The run ${name} has the same settings and points as ${first}, and is listed once`,
    values: { name, first },
    where: source,
  };
}

/** A configuration has a place for everything that a run of ours has; of an imported one only settings, seed and origin are known. */
function configOf({ settings, seed, origin }: LoggedRun, dataset: string, model: string): RunConfig {
  return {
    dataset,
    model,
    hyper: settings,
    seed: seed ?? 0,
    budget: v.parse(budgetSchema, {}),
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 0,
    imported: origin,
  };
}
