/** What is worth saying to somebody who looks elsewhere: an experiment or a single run that ended, a queue that is empty, an import that failed. */
import { grouped } from '#contract/grouped.ts';
import type { Notice } from '#contract/host.ts';
import type { ExperimentSummary } from '#contract/experiment.ts';
import type { RunState, RunSummary } from '#contract/run.ts';
import type { Status } from '#contract/view.ts';
import type { StudioCore } from './core.ts';
import { following } from './hub.ts';

const openStates: readonly RunState[] = ['queued', 'preparing', 'running', 'paused', 'lost'];

/** Runs that end together are looked at together. */
const togetherMs = 500;

/** An experiment of which runs have just ended. */
export interface EndedPart {
  readonly experiment: Pick<ExperimentSummary, 'id' | 'name' | 'runs' | 'finished' | 'failed'>;
  /** More of it will run. */
  readonly isOpen: boolean;
  readonly runs: readonly RunSummary[];
}

const counted = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
const cut = (text: string, most: number) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/**
 * One notice for a whole experiment, when its last run has ended; a single run speaks for itself. The first failures of one that goes on
 * are told at once: the same fault may wait in all that follows. What a person stopped is no news.
 */
export function noticesOf(parts: readonly EndedPart[], isQueueEmpty: boolean): Notice[] {
  const found = parts.flatMap(({ experiment, isOpen, runs }): Notice[] => {
    const told = runs.filter(({ state }) => state === 'finished' || state === 'failed');
    if (isOpen) {
      const failed = told.filter(({ state }) => state === 'failed');
      return failed.length < experiment.failed ? [] : failed.slice(0, 1).map(ofRun);
    }
    if (told.length === 0) return [];
    if (experiment.runs > 1) {
      const failures = experiment.failed === 0 ? '' : `, ${experiment.failed} failed`;
      return [
        {
          title: cut(`${experiment.name}: ${counted(experiment.finished, 'run')} finished${failures}`, 120),
          body: experiment.failed === 0 ? 'Compare has its table.' : 'The failed runs say why on their pages.',
          route: `/compare/${encodeURIComponent(experiment.id)}`,
        },
      ];
    }
    return told.map(ofRun);
  });
  const last = found.pop();
  if (last === undefined) return [];
  return [...found, isQueueEmpty ? { ...last, body: cut(`${last.body} The queue is empty.`, 500) } : last];
}

function ofRun(run: RunSummary): Notice {
  return {
    title: cut(`${run.state === 'failed' ? 'Failed' : 'Finished'}: ${run.modelTitle} on ${run.datasetName}, seed ${run.seed}`, 120),
    body: cut(run.state === 'failed' ? [run.problem?.message, run.problem?.fix].filter(Boolean).join('. ') : run.sentence, 500),
    route: `/runs/${encodeURIComponent(run.id)}`,
  };
}

function ofJob({ text, problem }: Status['failedJobs'][number]): Notice {
  return {
    title: cut(`Failed: ${text}`, 120),
    body: cut([problem.message, problem.fix].filter(Boolean).join('. '), 500),
    route: '/datasets',
  };
}

/** Notices from now on, each once. */
export async function* followNotices(core: StudioCore, signal: AbortSignal): AsyncGenerator<Notice, void, void> {
  const { store, hub, view, experiments, jobs } = core;
  const read = () => ({ open: new Set(store.runs.idsInStates(openStates)), failed: jobs.failed });
  let before: ReadonlySet<string> | undefined;
  let told: ReadonlySet<string> | undefined;
  for await (const { open, failed } of following(read, (changed) => hub.subscribeAll(['queue', 'jobs'], changed), togetherMs, signal)) {
    for (const job of told === undefined ? [] : failed.filter(({ id }) => !told!.has(id))) yield ofJob(job);
    told = new Set(failed.map(({ id }) => id));
    const ended = [...(before ?? [])].filter((id) => !open.has(id)).flatMap((id) => store.runs.summary(id) ?? []);
    before = open;
    const byExperiment = grouped(view.summaries(ended), ({ experimentId }) => experimentId);
    const parts = [...byExperiment].flatMap(([id, runs]): EndedPart[] => {
      const stored = store.experiments.get(id);
      if (stored === undefined) return [];
      const experiment = experiments.summary(stored);
      const isOpen = experiment.running + experiment.waiting > 0 || experiment.search?.isOver === false;
      return [{ experiment, isOpen, runs }];
    });
    yield* noticesOf(parts, open.size === 0);
  }
}
