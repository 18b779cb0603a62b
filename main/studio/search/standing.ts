/** A search as the store has it, and how far it is. Pure. */
import type { Problem } from '#contract/problem.ts';
import type { SearchState } from '#contract/search.ts';
import { isComplete, outcomeOfRun, trialOf, type TrialRuns } from './outcomes.ts';
import { trialsOf } from './proposals.ts';
import { searchWords, type ChoiceStudy, type SearchRequest } from './studies.ts';

export interface OpenSearch {
  readonly id: string;
  readonly request: SearchRequest;
  /** One for each model choice; undefined while what they vary cannot be told, and the search stands still. */
  readonly studies: readonly ChoiceStudy[] | undefined;
  /** Why they cannot be told. */
  readonly fault?: Problem;
  /** Trials by model choice and dataset; none is empty. */
  readonly groups: readonly (readonly TrialRuns[])[];
}

/** `done` trials have a result; `rungs` are the epochs at which runs are compared. */
export function standingOf(
  { request, studies, groups }: OpenSearch,
  { rungs, isFrozen }: { readonly rungs: readonly number[]; readonly isFrozen: boolean },
): { readonly search: SearchState; readonly done: number } {
  const halves = request.search.halving !== undefined;
  const { strategy } = request.search;
  // Of a grid all trials are proposed at once.
  const told = (group: readonly TrialRuns[]) => (strategy === 'grid' ? group.length : Math.max(group.length, request.search.trials));
  const trialsIn = (group: readonly TrialRuns[]) =>
    studies === undefined ? told(group) : trialsOf(studies[group[0]!.stored.choice]!.study);
  const sum = (of: (group: readonly TrialRuns[]) => number) => groups.reduce((total, group) => total + of(group), 0);
  const [proposed, trials] = [sum((group) => group.length), sum(trialsIn)];
  const hasEnded = (run: TrialRuns['runs'][number]) => run !== undefined && outcomeOfRun(run).kind !== 'open';
  const isIdle = groups.flat().every((trial) => {
    const { outcome } = trialOf(trial, halves);
    return outcome.kind !== 'open' && (outcome.kind !== 'finished' || trial.runs.every(hasEnded));
  });
  return {
    done: sum((group) => group.filter(isComplete).length),
    search: {
      strategy,
      proposed,
      trials,
      halted: sum((group) => group.filter((trial) => trialOf(trial, halves).outcome.kind === 'halted').length),
      isOver: isFrozen
        ? groups.flat().every(({ runs }) => runs.every((run) => run === undefined || hasEnded(run)))
        : isIdle && proposed === trials,
      words: searchWords(request, studies === undefined ? groups.map(trialsIn) : studies.map(({ study }) => trialsOf(study)), rungs),
    },
  };
}
