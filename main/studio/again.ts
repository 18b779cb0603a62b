/** Trains a run again: with another seed as one more replicate, with the same seed as a reproduction that its parent is held against. */
import type { ParsedExperimentRequest } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import type { RunRow } from '#store/run-rows.ts';
import type { Experiments } from './experiments.ts';
import { selectsNothing } from './masking.ts';
import { expand, type PlannedCell, type Planner } from './plan.ts';
import { requestOf } from './request-of-run.ts';

/**
 * The id of the run that was queued, or of the one that has that seed already. A grid that is not frozen takes another seed up as a cell; a
 * search and a frozen selection do not, as neither may get candidates behind its back. A reproduction has no cell at all and lies in the archive.
 * @throws ProblemError run.changed where the model or the data are not what they were
 */
export function runAgain(planner: Planner, experiments: Experiments, run: RunRow, wished: number | undefined, now: number): string {
  const { store } = planner;
  const seed = wished ?? store.lineage.lastSeed(run.dataset, run.configHash) + 1;
  const config = store.runs.config(run.id)!;
  const common = experiments.find(run.experimentId).request.budget;
  const request: ParsedExperimentRequest = { ...requestOf(config, planner.cards, common), seeds: [seed], runKnown: true };
  const cell = cellOf(planner, request, run);
  const testShown = store.runs.isTestShown(run.id);
  return store.transaction(() => {
    if (seed === run.seed)
      return experiments.insertRun(
        run.experimentId,
        withThreads(cell, store.runs.provenance(run.id)?.threads),
        { testShown, parentId: run.id, origin: 'reproduction', archivedAt: now },
        now,
      );
    const own = experiments.find(run.experimentId);
    const present = store.experiments
      .cells(own.id)
      .find((each) => each.dataset === run.dataset && each.configuration === run.configHash && each.seed === seed);
    const known = present?.runId ?? store.past.equal(run.dataset, cell.dataset.dataHash, run.configHash, seed)?.id;
    if (known !== undefined) return known;
    const descent = { parentId: run.id, origin: 'seed' as const };
    if (own.request.search === undefined && own.frozenAt === undefined)
      return experiments.addCell(own.id, cell, { testShown: selectsNothing(store, own.id), ...descent }, now);
    const id = experiments.create(
      { ...request, name: `${run.modelTitle} on ${run.datasetName}, seed ${seed}` },
      [cell],
      cell.estimate?.seconds,
      now,
    );
    return experiments.addCell(id, cell, { testShown, ...descent }, now);
  });
}

function cellOf(planner: Planner, request: ParsedExperimentRequest, run: RunRow): PlannedCell {
  const { cells, impossible } = expand(planner, request);
  const cell = cells[0];
  const dataHash = planner.store.measures.dataHash(run.id);
  const changed =
    cell === undefined
      ? (impossible[0]?.reason ?? 'its model or dataset is gone')
      : cell.configuration.key !== run.configHash
        ? `${run.modelTitle} has other settings now than when it ran`
        : cell.dataset.dataHash !== dataHash
          ? `${run.datasetName} holds other data now than when it ran`
          : undefined;
  if (cell !== undefined && changed === undefined) return cell;
  throw new ProblemError({
    kind: 'config',
    code: 'run.changed',
    message: `Run ${run.id} cannot be trained again as it was: ${changed}`,
    values: { id: run.id },
    fix: 'Clone it: the form then shows what differs.',
  });
}

/** The threads it had, where it asked for its share of the machine. */
function withThreads(cell: PlannedCell, threads: number | undefined): PlannedCell {
  if (threads === undefined || cell.config.threads > 0 || cell.config.device === 'tensorflow') return cell;
  return { ...cell, config: { ...cell.config, threads } };
}
