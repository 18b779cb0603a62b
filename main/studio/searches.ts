/**
 * Searches at work. Nothing is kept here: trials, runs and verdicts in the store and the seed of the search decide what comes next, so an
 * owner that dies at any moment leaves nothing behind that the next one would miss.
 */
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import { mainStage, type Estimate, type RunConfig, type ToldReason } from '#contract/run.ts';
import type { LaneId } from '#contract/lane.ts';
import type { SearchState } from '#contract/search.ts';
import type { StoredTrial } from '#store/searches.ts';
import { commonBudget, configurationsOf } from './configurations.ts';
import type { Experiments, Places, Started } from './experiments.ts';
import { canonical } from './identity.ts';
import { askedDatasets, expand, type Planner } from './plan.ts';
import { remembered } from './remembered.ts';
import { bestUpTo, rungsOf, verdictOf } from './search/halving.ts';
import { groupsOf, outcomeOfRun, trialOf, type TrialRuns } from './search/outcomes.ts';
import { isRepeated, proposals, trialsOf } from './search/proposals.ts';
import { restOf } from './search/rest.ts';
import type { Point } from './search/space.ts';
import { standingOf, type OpenSearch } from './search/standing.ts';
import { fixedAt, isSearching, openTogether, studiesOf, trialSeeds, type SearchRequest } from './search/studies.ts';
import { searchPlan } from './search-plan.ts';

interface SearchesOptions {
  readonly planner: Planner;
  readonly experiments: Experiments;
  readonly places: Places;
  readonly stop: (runId: string, keep: boolean, reason: ToldReason) => void;
  /** False while models of the person's own are being checked: their cards may come. */
  readonly areCardsKnown: () => boolean;
  /** A search cannot go on now, and why. */
  readonly onStandstill: (name: string, problem: Problem) => void;
}

export interface SameSearch {
  readonly id: string;
  readonly name: string;
  readonly isOver: boolean;
  readonly done: number;
}

/** A run that a search will queue. */
export interface LaterRun {
  readonly estimate: Estimate | undefined;
  readonly device: RunConfig['device'];
  readonly pin: LaneId | undefined;
}

export class Searches {
  readonly #options: SearchesOptions;
  /** Searches at work, by the states of their runs when they were read. */
  readonly #standing = new Map<string, { readonly states: string; readonly search: OpenSearch }>();
  /** Why searches stand still, each told once. */
  readonly #standstills = new Map<string, string>();

  constructor(options: SearchesOptions) {
    this.#options = options;
  }

  /**
   * Stores the experiment and its first trials; the others follow by themselves. `runIds` are the runs so far. Where the same search is
   * not over yet, it is that one which goes on: a second one over the same runs would keep both from ending any of them.
   */
  start(request: SearchRequest, now: number): Started {
    const { planner, experiments, places } = this.#options;
    const plan = searchPlan(planner, request, places(request));
    const { cells, impossible, datasets } = plan.expansion;
    if (cells.length === 0) throw impossibleSearch(impossible.map(({ reason }) => reason));
    // By their ids: a dataset may get another name while the search goes on.
    const settled = { ...request, datasets: datasets.map(({ summary }) => summary.id) };
    const going = this.same(settled);
    if (going?.isOver === false) return this.#runsOf(going.id);
    const able = new Set(cells.map((cell) => `${cell.config.dataset}\n${cell.config.model}`));
    return planner.store.transaction(() => {
      const id = experiments.create(settled, cells, plan.time?.seconds, now);
      const runIds: string[] = [];
      let known = 0;
      for (const dataset of settled.datasets) {
        for (const { choice, card, study } of studiesOf(settled, planner.cards)) {
          if (!able.has(`${dataset}\n${card.id}`)) continue;
          const begun = this.#begin({ id, request: settled }, { choice, dataset, from: 0 }, proposals(study, [], 1), now);
          runIds.push(...begun.runIds);
          known += begun.known;
        }
      }
      return { experimentId: id, runIds, known };
    });
  }

  /**
   * The experiment that asks for the same: one that is not over, in which it goes on, else one that is and whose every run another would find
   * known; `done` are its trials with a result. None where what is known is to run again.
   */
  same(asked: SearchRequest): SameSearch | undefined {
    const { planner } = this.#options;
    const { store } = planner;
    if (asked.runKnown) return undefined;
    const datasets = askedDatasets(store, asked.datasets).map(({ summary }) => summary.id);
    let over: SameSearch | undefined;
    for (const id of store.searches.all()) {
      const experiment = store.experiments.get(id)!;
      if (!isSameSearch(experiment.request, { ...asked, datasets })) continue;
      const state = this.state(id, experiment.frozenAt !== undefined);
      if (state === undefined) continue;
      const { search, done } = state;
      const found = { id, name: experiment.name, isOver: search.isOver, done };
      if (!search.isOver && experiment.frozenAt === undefined) return found;
      if (over === undefined && search.isOver && done === search.trials && this.#isKnown(id)) over = found;
    }
    return over;
  }

  /** Whether a search that is over would find all it comes to known: no run that was ended early, no other data of the same name, no other trials. */
  #isKnown(id: string): boolean {
    const { planner, places } = this.#options;
    const { store } = planner;
    const dataHashOf = remembered((dataset: string) => store.datasets.get(dataset)?.dataHash);
    const areRunsKnown = store.searches.runs(id).every(({ dataset, configuration, seed }) => {
      const dataHash = dataHashOf(dataset);
      return dataHash !== undefined && store.past.equal(dataset, dataHash, configuration, seed)?.state === 'finished';
    });
    const search = areRunsKnown ? this.#read(id) : undefined;
    if (search?.studies === undefined) return false;
    const { request, groups, studies } = search;
    const together = openTogether(request, places(request));
    return groups.every((group) => {
      const trials = group.map((trial) => trialOf(trial, request.search.halving !== undefined));
      return isRepeated(studies[group[0]!.stored.choice]!.study, trials, together);
    });
  }

  /** Runs of a search that goes on; `known` are those that have ended. */
  #runsOf(id: string): Started {
    const { store } = this.#options.planner;
    const runs = store.searches.runs(id).filter(({ trashed }) => !trashed);
    return {
      experimentId: id,
      runIds: runs.map(({ runId }) => runId),
      known: runs.filter((run) => outcomeOfRun(run).kind !== 'open').length,
    };
  }

  /**
   * Proposes and queues what the open searches do next. What is known ends no run, so nobody would ask again: a search goes on until it has
   * something to train, or `isDue` says that others want their turn; true where there is more to do at once.
   */
  advance(now: number, isDue: () => boolean = () => false): boolean {
    const { store } = this.#options.planner;
    for (const id of store.searches.open()) {
      try {
        while (store.transaction(() => this.#advance(this.#read(id), now))) if (isDue()) return true;
      } catch (error) {
        // Its dataset or model is not what it was: the other searches and the queue go on.
        this.#stands(id, toProblem(error));
      }
    }
    return false;
  }

  #stands(id: string, problem: Problem): void {
    if (!this.#options.areCardsKnown() || this.#standstills.get(id) === problem.message) return;
    this.#standstills.set(id, problem.message);
    this.#options.onStandstill(this.#options.planner.store.experiments.get(id)?.name ?? id, problem);
  }

  /** As read when its runs last had these states: a queue asks several times a second, and a search has hundreds of trials. */
  #asItStands(id: string): OpenSearch | undefined {
    const states = this.#options.planner.store.searches.states(id);
    const former = this.#standing.get(id);
    if (former?.states === states) return former.search;
    const search = this.#read(id);
    if (search?.studies !== undefined) this.#standing.set(id, { states, search });
    return search;
  }

  #read(id: string): OpenSearch | undefined {
    const { store } = this.#options.planner;
    const request = store.experiments.get(id)?.request;
    if (request === undefined || !isSearching(request)) return undefined;
    return {
      id,
      request,
      ...this.#studies(request),
      groups: groupsOf(store.searches.trials(id), store.searches.runs(id), [...new Set(request.seeds)]),
    };
  }

  /** A card of the person's own may not be here (not checked yet, left out in safe mode, gone), or be another one by now. */
  #studies(request: SearchRequest): Pick<OpenSearch, 'studies' | 'fault'> {
    try {
      return { studies: studiesOf(request, this.#options.planner.cards) };
    } catch (error) {
      return { studies: undefined, fault: toProblem(error) };
    }
  }

  /** Whether it came to known runs alone, so that the next step can be taken at once. */
  #advance(search: OpenSearch | undefined, now: number): boolean {
    if (search?.fault !== undefined) this.#stands(search.id, search.fault);
    if (search?.studies === undefined) return false;
    let queued = 0;
    let known = 0;
    const count = (begun: { readonly runIds: readonly string[]; readonly known: number }) => {
      queued += begun.runIds.length;
      known += begun.known;
    };
    const { request, groups, studies } = search;
    const halves = request.search.halving !== undefined;
    const together = openTogether(request, this.#options.places(request));
    for (const group of groups) {
      const { choice, dataset } = group[0]!.stored;
      const { study } = studies[choice]!;
      const trials = group.map((trial) => trialOf(trial, halves));
      const next = proposals(study, trials, together);
      if (next.length > 0) count(this.#begin(search, { choice, dataset, from: group.length }, next, now));
      // Compared on their first seed alone, the trials that were never ended now get the others.
      else if (halves && trials.every(({ outcome }) => outcome.kind !== 'open')) {
        const missing = group.filter((trial, at) => trials[at]!.outcome.kind === 'finished' && trial.runs.includes(undefined));
        const seeds = [...new Set(request.seeds)].slice(1);
        if (missing.length > 0)
          count(
            this.#queue(
              search,
              dataset,
              missing.map(({ stored }) => ({ choice, point: stored.point })),
              seeds,
              now,
            ),
          );
      }
    }
    return known > 0 && known === queued;
  }

  /** Stores trials and queues their runs. */
  #begin(
    search: Pick<OpenSearch, 'id' | 'request'>,
    { choice, dataset, from }: { readonly choice: number; readonly dataset: string; readonly from: number },
    points: readonly Point[],
    now: number,
  ): { readonly runIds: string[]; readonly known: number } {
    const { store, cards } = this.#options.planner;
    const stored = points.map((point, at): StoredTrial => {
      const [configuration] = configurationsOf(this.#fixed(search.request, dataset, [{ choice, point }], search.request.seeds), cards);
      return { choice, dataset, number: from + at, configuration: configuration!.key, point };
    });
    store.searches.insertTrials(search.id, stored);
    return this.#queue(
      search,
      dataset,
      points.map((point) => ({ choice, point })),
      trialSeeds(search.request),
      now,
    );
  }

  #queue(
    { id, request }: Pick<OpenSearch, 'id' | 'request'>,
    dataset: string,
    points: readonly { readonly choice: number; readonly point: Point }[],
    seeds: readonly number[],
    now: number,
  ): { readonly runIds: string[]; readonly known: number } {
    const { planner, experiments } = this.#options;
    const { cells } = expand(planner, this.#fixed(request, dataset, points, seeds));
    return experiments.extend(id, cells, now);
  }

  /** The ordinary request of some trials; the budget is that of all models of the search. */
  #fixed(
    request: SearchRequest,
    dataset: string,
    points: readonly { readonly choice: number; readonly point: Point }[],
    seeds: readonly number[],
  ): ParsedExperimentRequest {
    const { search: _search, ...rest } = request;
    return {
      ...rest,
      datasets: [dataset],
      seeds: [...seeds],
      budget: budgetOf(request, this.#options.planner),
      models: points.map(({ choice, point }) => fixedAt(request.models[choice]!, point)),
    };
  }

  /** Looks at a run that trained on: at every rung it has passed it is compared once, and ended where it is not among the best. */
  judge(runId: string): void {
    const { store } = this.#options.planner;
    const id = store.searches.ofRun(runId);
    const halving = id === undefined ? undefined : store.experiments.get(id)?.request.search?.halving;
    // A run that another experiment counts on is not this search's to end.
    if (id === undefined || halving === undefined || store.experiments.containing(runId).length > 1 || store.searches.wasEnded(runId))
      return;
    const search = this.#read(id);
    if (search === undefined) return;
    const group = search.groups.find((trials) => trials.some(({ runs }) => runs[0]?.runId === runId));
    const at = group?.findIndex(({ runs }) => runs[0]?.runId === runId) ?? -1;
    const own = group?.[at]?.runs[0];
    if (group === undefined || own === undefined) return;
    const judged = new Set(store.searches.verdicts(runId).map(({ epoch }) => epoch));
    for (const rung of rungsOf(halving, budgetOf(search.request, this.#options.planner))) {
      if (rung > own.epochs || judged.has(rung)) continue;
      const value = this.#valueAt(group[at]!, rung);
      if (value === undefined) continue;
      const values = (trials: readonly TrialRuns[]) => trials.flatMap((trial) => this.#valueAt(trial, rung) ?? []);
      const verdict = verdictOf(value, { earlier: values(group.slice(0, at)), later: values(group.slice(at + 1)) }, halving.eta);
      store.searches.putVerdict(runId, { epoch: rung, ...verdict });
      if (verdict.goesOn) continue;
      this.#options.stop(runId, true, 'successive-halving');
      return;
    }
  }

  /** A trial's best value of its first seed up to a rung that it reached, or that it finished before. */
  #valueAt({ runs }: TrialRuns, rung: number): number | undefined {
    const run = runs[0];
    if (run === undefined) return undefined;
    const { kind } = outcomeOfRun(run);
    if (run.epochs < rung) return kind === 'finished' ? (run.value ?? undefined) : undefined;
    if (kind === 'failed') return undefined;
    const series = this.#options.planner.store.series.of(run.runId, ['recall@20']).find(({ stage }) => stage === mainStage);
    return series === undefined ? undefined : bestUpTo(series, rung);
  }

  /** What the searches at work still come to beside the runs that they have queued, and which of those may be ended early. */
  rest(): { readonly later: readonly LaterRun[]; readonly waiting: ReadonlyMap<string, Estimate> } {
    const { store, estimator } = this.#options.planner;
    const later: LaterRun[] = [];
    const waiting = new Map<string, Estimate>();
    const atWork = new Set(store.searches.atWork());
    for (const id of this.#standing.keys()) if (!atWork.has(id)) this.#standing.delete(id);
    for (const id of atWork) {
      const search = this.#asItStands(id);
      if (search?.studies === undefined) continue;
      const { request, groups, studies } = search;
      const budget = budgetOf(request, this.#options.planner);
      const { halving } = request.search;
      for (const group of groups) {
        const { choice, dataset } = group[0]!.stored;
        const { card, study } = studies[choice]!;
        const found = store.datasets.get(dataset)?.summary;
        if (found === undefined) continue;
        const config = { model: card.id, budget, device: request.device, threads: request.threads };
        const rest = restOf(group, {
          trials: trialsOf(study),
          seeds: new Set(request.seeds).size,
          whole: estimator.run(config, found),
          epochs: estimator.pace(config, found)?.epochs ?? budget.epochs,
          halving: halving === undefined ? undefined : { rungs: rungsOf(halving, budget), eta: halving.eta },
        });
        later.push(...rest.later.map((estimate) => ({ estimate, device: request.device, pin: request.pin })));
        for (const [run, estimate] of rest.waiting) waiting.set(run, estimate);
      }
    }
    return { later, waiting };
  }

  /** Where the search of an experiment stands, and of how many of its trials there is a result; undefined for a plain grid. */
  state(id: string, isFrozen: boolean): { readonly search: SearchState; readonly done: number } | undefined {
    const search = this.#read(id);
    if (search === undefined) return undefined;
    const { halving } = search.request.search;
    const rungs = halving === undefined ? [] : rungsOf(halving, budgetOf(search.request, this.#options.planner));
    return standingOf(search, { rungs, isFrozen });
  }
}

/** Alike in everything that decides about a run or a proposal; what a person wrote about them may differ. */
function isSameSearch(one: ParsedExperimentRequest, other: ParsedExperimentRequest): boolean {
  const deciding = (request: ParsedExperimentRequest): string =>
    canonical({ ...request, name: '', question: '', note: '', parent: undefined, runKnown: false });
  return deciding(one) === deciding(other);
}

function budgetOf(request: SearchRequest, { cards }: Planner) {
  return commonBudget(
    request,
    request.models.flatMap(({ model }) => cards.find((card) => card.id === model) ?? []),
  );
}

function impossibleSearch(reasons: readonly string[]): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'experiment.impossible',
    message: reasons.join('; '),
    fix: 'Choose other models, or a dataset with what they need.',
  });
}
