/** Experiments that are made of the same runs: begun again with everything known, or cloned and not changed. Pure. */
import type { ExperimentSummary } from '#contract/experiment.ts';

export interface Listed {
  readonly entry: ExperimentSummary;
  /** Older experiments over the very same runs, with nothing of their own to show. */
  readonly twins: readonly ExperimentSummary[];
  /** Of its runs, how many were trained for an earlier experiment. */
  readonly reused: number;
}

const runsOf = ({ matrix }: ExperimentSummary) => matrix.cells.flatMap((cell) => cell.runId ?? []);

/**
 * Experiments, each once, in the given order (newest first). A frozen selection belongs to one experiment and decides which test values
 * are shown, so a frozen one always stands for itself, and so does `shown`, the one a person is at.
 */
export function listedOnce(experiments: readonly ExperimentSummary[], shown?: string): readonly Listed[] {
  const first = new Map<string, ExperimentSummary[]>();
  const listed: Listed[] = [];
  for (const entry of experiments) {
    const runs = runsOf(entry);
    const reused = entry.matrix.cells.filter((cell) => cell.state === 'known').length;
    const standsAlone = runs.length === 0 || entry.frozenAt !== undefined || entry.search !== undefined;
    const key = standsAlone ? undefined : `${entry.name}|${[...runs].sort().join()}`;
    const twins = key === undefined ? undefined : first.get(key);
    if (twins !== undefined && entry.id !== shown) {
      twins.push(entry);
      continue;
    }
    const own: ExperimentSummary[] = [];
    if (key !== undefined && twins === undefined) first.set(key, own);
    listed.push({ entry, twins: own, reused });
  }
  return listed;
}
