/** What a search will come to, said before it starts: trials, runs from fewest to most, rungs, time. */
import type { Matrix, Plan } from '#contract/experiment.ts';
import type { Estimate } from '#contract/run.ts';
import { commonBudget } from './configurations.ts';
import { totalOf } from './estimate.ts';
import { expand, planOf, type Expansion, type PlannedCell, type Planner } from './plan.ts';
import { expectedShare, rungsOf } from './search/halving.ts';
import { proposals, trialsOf } from './search/proposals.ts';
import { searchWords, studiesOf, upfront, type ChoiceStudy, type SearchRequest } from './search/studies.ts';

export interface SearchPlan {
  /** Of the trials that are known before any result. */
  readonly expansion: Expansion;
  readonly search: NonNullable<Plan['search']>;
  /** Runs to be expected, those that are known left out. */
  readonly runs: number;
  readonly time: Estimate | undefined;
  /** Rows of trials that will be chosen from results. */
  readonly later: Matrix['rows'];
}

/**
 * What a search will take, before its trials are drawn: trials, runs between the fewest and the most (hopeless ones end early), seconds.
 * @throws ProblemError config.* as {@link expand}
 */
export function searchPlan(planner: Planner, request: SearchRequest, concurrency: number): SearchPlan {
  const expansion = expand(planner, upfront(request, planner.cards));
  const studies = studiesOf(request, planner.cards);
  const budget = commonBudget(
    request,
    studies.map(({ card }) => card),
  );
  const { halving } = request.search;
  const rungs = halving === undefined ? [] : rungsOf(halving, budget);
  const seeds = new Set(request.seeds).size;
  const known = expansion.cells.filter(({ knownRun }) => knownRun !== undefined).length;
  const totals = { trials: 0, fewest: 0, most: 0, runs: 0 };
  const estimates: (Estimate | undefined)[] = [];
  const later: Matrix['rows'] = [];
  for (const study of studies) {
    let isPossible = false;
    for (const dataset of expansion.datasets) {
      const cells = expansion.cells.filter((cell) => cell.config.dataset === dataset.summary.id && cell.config.model === study.card.id);
      const trials = trialsOf(study.study);
      if (cells.length === 0) continue;
      isPossible = true;
      const epochs = planner.estimator.pace(cells[0]!.config, dataset.summary)?.epochs ?? budget.epochs;
      const share = halving === undefined ? { epochs: 1, ends: 1 } : expectedShare(rungs, halving.eta, epochs);
      const ends = Math.max(1, Math.round(trials * share.ends));
      totals.trials += trials;
      totals.most += trials * seeds;
      // Without a comparison before the last epoch no run ends early.
      totals.fewest += rungs.length === 0 ? trials * seeds : trials + seeds - 1;
      totals.runs += halving === undefined ? trials * seeds : trials + ends * (seeds - 1);
      estimates.push(scaled(meanOf(cells), halving === undefined ? trials * seeds : trials * share.epochs + ends * (seeds - 1)));
    }
    if (isPossible) later.push(...laterRow(study));
  }
  const time = totalOf(estimates, 1);
  const share = totals.runs === 0 ? 0 : (totals.runs - known) / totals.runs;
  const lanes = Math.max(1, Math.min(concurrency, totals.runs));
  return {
    expansion,
    search: {
      trials: totals.trials,
      fewest: Math.max(0, totals.fewest - known),
      most: totals.most - known,
      rungs,
      words: searchWords(
        request,
        studies.map(({ study }) => trialsOf(study)),
        rungs,
      ),
    },
    runs: totals.runs - known,
    time: scaled(time, share / lanes),
    later,
  };
}

/** As the plan of a grid, over the trials that are known now, with what the whole search will come to. */
export async function planOfSearch(
  planner: Planner,
  request: SearchRequest,
  concurrency: number,
  home: string,
  same?: NonNullable<Plan['search']>['same'],
): Promise<Plan> {
  const { search, runs, time, later } = searchPlan(planner, request, concurrency);
  const plan = await planOf(planner, { ...upfront(request, planner.cards), seeds: request.seeds }, concurrency, home, request);
  const { matrix, diskBytes } = plan;
  const halves = request.search.halving !== undefined;
  const rows = [...new Map(matrix.rows.map((row) => [row.configuration, row])).values()];
  const cells = halves ? matrix.cells.filter((cell) => cell.seed === request.seeds[0]) : matrix.cells;
  const notes = [...plan.notes, ...notesOfSearch(planner.cards, request, search)];
  const whole = {
    ...plan,
    matrix: { ...matrix, rows: [...rows, ...later], cells },
    runs,
    time: time ?? plan.time,
    diskBytes: plan.runs === 0 ? 0 : Math.round((diskBytes * runs) / plan.runs),
    search,
    notes,
  };
  if (same === undefined) return whole;
  const words = same.isOver
    ? `Every trial of this search is known: it is over as “${same.name}”.`
    : `This search is at work as “${same.name}”, ${same.done} of ${search.trials} trials done: it goes on there by itself, under its own name, question and note.`;
  // Either way pressing Start would train nothing that is not trained anyway.
  const known = same.isOver ? { known: plan.known + plan.runs } : { underway: plan.underway + plan.runs };
  return {
    ...whole,
    ...known,
    runs: 0,
    diskBytes: 0,
    time: nothing,
    search: { ...search, same, fewest: 0, most: 0 },
    notes: [{ level: 'note', text: words }, ...notes],
  };
}

const nothing: Estimate = { seconds: 0, low: 0, high: 0, basis: 'nothing to run' };

function notesOfSearch(cards: Planner['cards'], request: SearchRequest, { words, rungs }: NonNullable<Plan['search']>): Plan['notes'] {
  const notes: Plan['notes'] = [{ level: 'good', text: `Equal for all models: ${words}.` }];
  if (request.search.halving !== undefined && rungs.length === 0)
    notes.push({ level: 'note', text: 'No run is ended early: the first comparison would come after the last epoch.' });
  const idle = request.models.filter(({ vary, ranges }) => Object.keys(vary).length + Object.keys(ranges).length === 0);
  if (idle.length > 0)
    notes.push({
      level: 'note',
      text: `Nothing is varied for ${idle.map(({ model }) => cards.find(({ id }) => id === model)?.title ?? model).join(' and ')}: one trial as it stands.`,
    });
  return notes;
}

function meanOf(cells: readonly PlannedCell[]): Estimate | undefined {
  return scaled(
    totalOf(
      cells.map(({ estimate }) => estimate),
      1,
    ),
    1 / cells.length,
  );
}

function scaled(estimate: Estimate | undefined, factor: number): Estimate | undefined {
  if (estimate === undefined) return undefined;
  const { seconds, low, high, basis } = estimate;
  return { seconds: seconds * factor, low: low * factor, high: high * factor, basis };
}

/** The trials of a study that only results will choose, as one row without cells. */
function laterRow({ choice, card, study }: ChoiceStudy): Matrix['rows'] {
  const more = trialsOf(study) - proposals(study, [], 1).length;
  if (more === 0) return [];
  const differences = `${more} more, chosen from results`;
  return [{ configuration: `later/${choice}`, model: card.id, title: card.title, differences, inferred: card.inferred }];
}
