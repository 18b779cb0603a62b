/** The runs of a reproduction: planned, started or taken up again as ordinary experiments, and read back as outcomes of rows. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ExperimentRequest, Matrix, Plan } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import { rowRequest, type ReproducedRow } from '#studio/reproduction/comparable-set.ts';
import type { RowOutcome } from '#studio/reproduction/report.ts';
import { resumeWaiting } from './resume-waiting.ts';

export interface PlannedRow {
  readonly row: ReproducedRow;
  readonly request: ExperimentRequest;
  readonly plan: Plan;
  /** Why the dataset cannot train it. */
  readonly impossible?: string;
}

export interface StartedRow {
  readonly planned: PlannedRow;
  /** Absent where it is impossible. */
  readonly experimentId?: string;
  readonly runIds: readonly string[];
}

export async function planRows(
  link: Link,
  rows: readonly ReproducedRow[],
  dataset: DatasetSummary,
  training: Parameters<typeof rowRequest>[2],
): Promise<PlannedRow[]> {
  const planned: PlannedRow[] = [];
  for (const row of rows) {
    const request = rowRequest(row, dataset, training);
    const plan = await link.call('experiments.plan', request);
    const reasons = [...new Set(plan.impossible.map(({ reason }) => reason))];
    planned.push({ row, request, plan, ...(reasons.length === 0 ? {} : { impossible: reasons.join('; ') }) });
  }
  return planned;
}

/**
 * Starts the rows in order, or goes on with the experiments that an earlier call made of the same cells: finished runs stay as they
 * are, paused, stopped, failed and interrupted ones go on from their last checkpoint.
 */
export async function startRows(link: Link, planned: readonly PlannedRow[]): Promise<StartedRow[]> {
  const started: StartedRow[] = [];
  const { experiments } = await link.call('experiments.list', {});
  for (const entry of planned) {
    if (entry.impossible !== undefined) {
      started.push({ planned: entry, runIds: [] });
      continue;
    }
    const known = experiments.find(({ matrix, protocol }) => protocol === 'validation' && hasCells(matrix, entry.plan.matrix));
    const { experimentId, runIds } =
      known === undefined
        ? await link.call('experiments.start', entry.request)
        : { experimentId: known.id, runIds: known.matrix.cells.flatMap(({ runId }) => runId ?? []) };
    await resumeWaiting(link, runIds, ['paused', 'stopped', 'failed', 'lost']);
    started.push({ planned: entry, experimentId, runIds });
  }
  return started;
}

function hasCells(one: Matrix, other: Matrix): boolean {
  const keys = ({ cells }: Matrix) => new Set(cells.map(({ dataset, configuration, seed }) => `${dataset} ${configuration} ${seed}`));
  const [own, wanted] = [keys(one), keys(other)];
  return own.size === wanted.size && [...wanted].every((key) => own.has(key));
}

/** What became of the rows. A row with candidates whose runs have all finished has its selection frozen, which shows its winner's test. */
export async function outcomesOf(link: Link, rows: readonly StartedRow[]): Promise<RowOutcome[]> {
  const outcomes: RowOutcome[] = [];
  for (const { planned, experimentId } of rows) {
    const { row, impossible } = planned;
    if (experimentId === undefined) {
      outcomes.push({ row, runs: [], wanted: 0, finished: 0, ...(impossible === undefined ? {} : { impossible }) });
      continue;
    }
    const isSelecting = row.choices.length > 1;
    let detail = await link.call('experiments.get', { id: experimentId });
    if (isSelecting && detail.selection === undefined && detail.runs.every(({ state }) => state === 'finished')) {
      await link.call('experiments.freeze', { id: experimentId });
      detail = await link.call('experiments.get', { id: experimentId });
    }
    const winner = detail.selection?.winners.find(({ model }) => model === row.model);
    const at =
      winner === undefined ? -1 : planned.plan.matrix.rows.findIndex(({ configuration }) => configuration === winner.configuration);
    const chosen = isSelecting ? row.choices[at] : row.choices[0];
    outcomes.push({
      row,
      ...(chosen === undefined ? {} : { chosen }),
      runs: isSelecting && winner !== undefined ? detail.runs.filter(({ id }) => winner.runIds.includes(id)) : detail.runs,
      wanted: detail.runs.length,
      finished: detail.runs.filter(({ state }) => state === 'finished').length,
    });
  }
  return outcomes;
}
