/** Tries what the runs of a plan hold at their peak: each model on each dataset once, in worker processes, one after the other. */
import * as v from 'valibot';
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { memoryTriedSchema, type MemoryProbeEvent } from '#contract/memory.ts';
import { ProblemError, toProblem } from '#contract/problem.ts';
import type { StudioCore } from './core.ts';
import { isOnGraphics } from './lanes.ts';
import { expand, type PlannedCell } from './plan.ts';
import { threadShare } from './threads.ts';
import { startTask } from './worker-task.ts';

type Needs = Pick<StudioCore, 'planner' | 'folders' | 'jobs' | 'ownModels' | 'settings' | 'version' | 'spawn'>;

/** The distinct work among the cells of a plan: seeds hold the same memory, a graphics processor's is not seen from here. Pure. */
export function toTry(cells: readonly PlannedCell[]): PlannedCell[] {
  const found = new Map<string, PlannedCell>();
  for (const cell of cells) {
    if (cell.config.external !== undefined || isOnGraphics(cell.config)) continue;
    const name = `${cell.config.dataset} ${cell.configuration.key}`;
    if (!found.has(name)) found.set(name, cell);
  }
  return [...found.values()];
}

/**
 * One event for each that was tried, with progress between; leaving ends the process at work. What was found is kept, so the next plan knows it.
 * @throws ProblemError memory.nothing where nothing of the plan can be tried
 */
export async function* tryPlan(
  core: Needs,
  request: ParsedExperimentRequest,
  signal: AbortSignal,
): AsyncGenerator<MemoryProbeEvent, void, void> {
  const { planner, folders, jobs, ownModels, settings, version, spawn } = core;
  const memory = planner.memory;
  const cells = toTry(expand(planner, request).cells);
  if (cells.length === 0 || memory === undefined)
    throw new ProblemError({
      kind: 'config',
      code: 'memory.nothing',
      message: 'Nothing of this plan can be tried: its runs are computed elsewhere, or on a graphics processor',
      fix: 'Choose a model that Avocet computes, on the processor.',
    });
  const abort = new AbortController();
  const cancel = () => abort.abort();
  signal.addEventListener('abort', cancel, { once: true });
  const job = jobs.begin('Trying the memory of a plan', cancel);
  const { libraryFolder } = settings.value;
  try {
    for (const [at, { config, configuration, dataset }] of cells.entries()) {
      if (abort.signal.aborted) return;
      const [model, name] = [configuration.card.title, dataset.summary.name];
      const fraction = at / cells.length;
      job.progress(fraction);
      yield { type: 'progress', fraction, text: `${model} on ${name}` };
      const expected = memory.estimator.run(config, dataset)?.bytes;
      const task = startTask(spawn, {
        kind: 'try-memory',
        config,
        datasetFolder: dataset.folder,
        cacheFolder: folders.cache,
        codeVersion: version,
        threadShare: threadShare(1),
        ...(config.source === undefined ? {} : { own: ownModels.source(config.model, config.source) }),
        ...(libraryFolder === undefined ? {} : { libraryFolder }),
      });
      const end = () => task.cancel();
      abort.signal.addEventListener('abort', end, { once: true });
      try {
        const { peakMemoryBytes } = v.parse(memoryTriedSchema, await task.result);
        memory.estimator.book.keep(config, dataset.dataHash, peakMemoryBytes, Date.now());
        // As the plan will say it: what whole runs hold beyond two batches is in it.
        const bytes = memory.estimator.run(config, dataset)?.sources.probe?.bytes ?? peakMemoryBytes;
        yield { type: 'tried', model, dataset: name, bytes, ...(expected === undefined ? {} : { expected }) };
      } catch (error) {
        const problem = toProblem(error);
        if (problem.kind === 'cancelled') return;
        yield { type: 'failed', model, dataset: name, message: problem.message };
      } finally {
        abort.signal.removeEventListener('abort', end);
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    job.end();
  }
}
