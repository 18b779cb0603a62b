/** What became of stored trials, from the states and validation values of their runs. */
import { addTo } from '#contract/grouped.ts';
import type { StoredTrial, TrialRun } from '#store/searches.ts';
import type { Outcome, Trial } from './trial.ts';

export interface TrialRuns {
  readonly stored: StoredTrial;
  /** In the order of the request's seeds; absent where a seed was not asked for yet. */
  readonly runs: readonly (TrialRun | undefined)[];
}

/** Trials of each study, by model choice and dataset, each with its runs. */
export function groupsOf(trials: readonly StoredTrial[], runs: readonly TrialRun[], seeds: readonly number[]): TrialRuns[][] {
  const key = (dataset: string, configuration: string, seed: number) => `${dataset}\n${configuration}\n${seed}`;
  const found = new Map(runs.map((run) => [key(run.dataset, run.configuration, run.seed), run]));
  const groups = new Map<string, TrialRuns[]>();
  for (const stored of trials) {
    const name = `${stored.choice}\n${stored.dataset}`;
    const own = seeds.map((seed) => found.get(key(stored.dataset, stored.configuration, seed)));
    addTo(groups, name, { stored, runs: own });
  }
  return [...groups.values()];
}

/** The objective of a trial, of the first seed alone where hopeless runs end early. */
export function trialOf({ stored, runs }: TrialRuns, halves: boolean): Trial {
  const asked = (halves ? runs.slice(0, 1) : runs).flatMap((run) => run ?? []);
  return { point: stored.point, outcome: outcomeOf(asked.map(outcomeOfRun)) };
}

export function outcomeOfRun(run: TrialRun): Outcome {
  if (run.trashed) return { kind: 'unknown' };
  switch (run.state) {
    case 'finished':
      return run.value === null ? { kind: 'unknown' } : { kind: 'finished', value: run.value };
    case 'stopped':
      return run.stopReason === 'successive-halving' && run.haltedAt !== null && run.value !== null
        ? { kind: 'halted', epoch: run.haltedAt, value: run.value }
        : { kind: 'unknown' };
    case 'failed':
      return { kind: 'failed' };
    default:
      return { kind: 'open' };
  }
}

function outcomeOf(outcomes: readonly Outcome[]): Outcome {
  const halted = outcomes.find(({ kind }) => kind === 'halted');
  if (halted !== undefined) return halted;
  if (outcomes.length === 0 || outcomes.some(({ kind }) => kind === 'open')) return { kind: 'open' };
  const values = outcomes.flatMap((outcome) => (outcome.kind === 'finished' ? [outcome.value] : []));
  if (values.length > 0) return { kind: 'finished', value: values.reduce((sum, value) => sum + value, 0) / values.length };
  return outcomes.some(({ kind }) => kind === 'failed') ? { kind: 'failed' } : { kind: 'unknown' };
}

/** Whether a trial is done with: ended by halving, or finished with all its seeds. */
export function isComplete({ runs }: TrialRuns): boolean {
  const outcomes = runs.flatMap((run) => (run === undefined ? [] : [outcomeOfRun(run).kind]));
  return outcomes.includes('halted') || (outcomes.length === runs.length && outcomes.every((kind) => kind === 'finished'));
}
