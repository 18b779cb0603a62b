/** Experiments that are made of the same runs: begun again with everything known, or cloned and not changed. Pure. */
import type { ExperimentSummary } from '#contract/experiment.ts';

export interface Listed {
  readonly entry: ExperimentSummary;
  /** Older experiments over the very same runs, with nothing of their own to show. */
  readonly twins: readonly ExperimentSummary[];
  /** Of its runs, how many were trained for an earlier experiment. */
  readonly reused: number;
}

const nameOf = ({ name, runs }: ExperimentSummary) => `${name}|${runs}`;
const runsOf = ({ matrix }: ExperimentSummary) => matrix.cells.flatMap((cell) => cell.runId ?? []);

/**
 * Experiments, each once, in the given order (newest first). A frozen selection belongs to one experiment and decides which test values
 * are shown, so a frozen one always stands for itself, and so does `shown`, the one a person is at.
 */
export function listedOnce(experiments: readonly ExperimentSummary[], shown?: string): readonly Listed[] {
  const first = new Map<string, ExperimentSummary[]>();
  // Runs are looked at where name and number are the same alone: lists have hundreds of experiments, these thousands of cells.
  const alike = new Map<string, number>();
  for (const entry of experiments) alike.set(nameOf(entry), (alike.get(nameOf(entry)) ?? 0) + 1);
  const listed: Listed[] = [];
  for (const entry of experiments) {
    const reused = entry.matrix.cells.reduce((sum, cell) => (cell.state === 'known' ? sum + 1 : sum), 0);
    const isAlike = entry.frozenAt === undefined && entry.search === undefined && (alike.get(nameOf(entry)) ?? 0) > 1;
    const runs = isAlike ? runsOf(entry) : [];
    const key = runs.length === 0 ? undefined : `${entry.name}|${runs.sort().join()}`;
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
