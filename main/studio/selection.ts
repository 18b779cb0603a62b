/**
 * Freezing a selection (protocol.md S1, S2): per dataset and model the configuration with the best mean validation Recall@20 over
 * its seeds; ties go to the earlier one in the grid. Test values are never read here.
 */
import type { Selection } from '#contract/experiment.ts';
import { grouped } from '#contract/grouped.ts';
import { aggregate } from '#stats/aggregate.ts';
import { differenceOf } from '#stats/same-value.ts';
import type { MatrixCell, MatrixRow } from '#store/experiments.ts';
import type { RunRow } from '#store/run-rows.ts';

export const criterion = 'Best mean validation Recall@20 over seeds; ties to grid order';

export interface Candidate {
  readonly dataset: string;
  readonly row: MatrixRow;
  readonly values: readonly number[];
  readonly runIds: readonly string[];
  readonly mean: number;
}

/** Configurations with at least one finished run, in grid order within dataset and model. */
function candidatesOf(rows: readonly MatrixRow[], cells: readonly MatrixCell[], runs: readonly RunRow[]): Candidate[] {
  const finished = new Map(runs.filter((run) => run.state === 'finished').map((run) => [run.id, run]));
  const datasets = [...new Set(cells.map((cell) => cell.dataset))];
  return datasets.flatMap((dataset) =>
    rows.flatMap((row) => {
      const own = cells
        .filter((cell) => cell.dataset === dataset && cell.configuration === row.configuration)
        .flatMap((cell) => finished.get(cell.runId) ?? []);
      const scored = own.filter((run) => run.validation?.['recall@20'] !== undefined);
      if (scored.length === 0) return [];
      const values = scored.map((run) => run.validation!['recall@20']!);
      return [{ dataset, row, values, runIds: scored.map((run) => run.id), mean: aggregate(values)!.mean }];
    }),
  );
}

export function selectionOf(
  rows: readonly MatrixRow[],
  cells: readonly MatrixCell[],
  runs: readonly RunRow[],
  now: number,
  by = '',
): Selection {
  const candidates = candidatesOf(rows, cells, runs);
  const groups = grouped(candidates, ({ dataset, row }) => `${dataset}\n${row.model}`);
  const winners = [...groups.values()].map((group) => {
    // Strictly greater: of equal means the first in the grid stays, in whatever order their seeds were summed.
    const best = group.reduce((leader, candidate) => (differenceOf(candidate.mean, leader.mean) > 0 ? candidate : leader));
    const others = group.filter((candidate) => candidate !== best).map((candidate) => candidate.mean);
    const sd = aggregate(best.values)?.sd;
    return {
      dataset: best.dataset,
      model: best.row.model,
      configuration: best.row.configuration,
      differences: best.row.differences,
      mean: best.mean,
      ...(sd === undefined ? {} : { sd }),
      n: best.values.length,
      runIds: [...best.runIds],
      ...(others.length === 0 ? {} : { nextBest: Math.max(...others) }),
    };
  });
  return { frozenAt: now, frozenBy: by, criterion, candidates: candidates.length, winners };
}

/** What is in order and what speaks against freezing now. */
export function checksOf(
  rows: readonly MatrixRow[],
  cells: readonly MatrixCell[],
  runs: readonly RunRow[],
  {
    search,
    incomplete,
    gone,
    seen = 0,
  }: {
    readonly search?: string;
    readonly incomplete?: string;
    readonly gone?: ReadonlySet<string>;
    /** Runs whose test values could be seen before. */
    readonly seen?: number;
  } = {},
): { state: 'good' | 'open'; text: string }[] {
  const there = runs.filter((run) => gone?.has(run.id) !== true);
  const finished = there.filter((run) => run.state === 'finished').length;
  const failed = there.filter((run) => run.state === 'failed').length;
  const halted = there.filter((run) => run.stopReason === 'successive-halving').length;
  const total = cells.length - halted;
  const trashed = runs.length - there.length;
  const waiting = total - finished - failed - trashed;
  const seeds = new Set(cells.map((cell) => cell.seed)).size;
  const candidates = candidatesOf(rows, cells, runs);
  const shown = runs.filter((run) => run.test.state === 'shown').length;
  const inTrash = runs.filter((run) => gone?.has(run.id) === true && run.state === 'finished').length;
  const counts = new Set(candidates.map((candidate) => candidate.values.length));
  return [
    ...(search === undefined ? [] : [{ state: 'good' as const, text: `${search}.` }]),
    finished === total && incomplete === undefined
      ? {
          state: 'good',
          text: `All ${total} runs are finished${halted === 0 ? '' : `, besides ${halted} ended early by successive halving`}.`,
        }
      : {
          state: 'open',
          text: `The ${search === undefined ? 'grid' : 'search'} is incomplete: ${search === undefined || incomplete === undefined ? '' : `${incomplete}; `}${finished} of ${total} runs are finished${waiting > 0 ? `, ${waiting} still open` : ''}${failed > 0 ? `, ${failed} failed` : ''}${trashed > 0 ? `, ${trashed} in the trash` : ''}. Later runs stay masked.`,
        },
    ...(seeds < 3
      ? [{ state: 'open' as const, text: `Only ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}: the choice may be luck.` }]
      : counts.size > 1
        ? []
        : [{ state: 'good' as const, text: `${seeds} seeds of every configuration.` }]),
    ...(counts.size > 1 ? [{ state: 'open' as const, text: 'Configurations have different numbers of finished seeds.' }] : []),
    ...(inTrash === 0
      ? []
      : [
          {
            state: 'open' as const,
            text:
              inTrash === 1
                ? '1 finished run lies in the trash. It still counts here: what was tried cannot be left out by throwing it away.'
                : `${inTrash} finished runs lie in the trash. They still count here: what was tried cannot be left out by throwing it away.`,
          },
        ]),
    ...(seen === 0
      ? []
      : [
          {
            state: 'open' as const,
            text:
              seen === 1
                ? '1 of these runs showed its test values before this experiment took it up.'
                : `${seen} of these runs showed their test values before this experiment took them up.`,
          },
        ]),
    shown === 0 && seen > 0
      ? { state: 'good', text: 'Only validation values are compared.' }
      : shown === 0
        ? { state: 'good', text: 'Only validation values are compared; no test value has been shown.' }
        : {
            state: 'open',
            text: `Only validation values are compared, but another selection has shown the test values of ${shown} of these runs.`,
          },
  ];
}
