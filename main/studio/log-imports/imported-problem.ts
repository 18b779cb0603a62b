import { ProblemError } from '#contract/problem.ts';
import type { RunSummary } from '#contract/run.ts';

/** @throws ProblemError run.imported for a run that only another program could train again or go on with */
export function refuseImported({ id, imported }: Pick<RunSummary, 'id' | 'imported'>): void {
  if (imported === undefined) return;
  throw new ProblemError({
    kind: 'config',
    code: 'run.imported',
    message: `Run ${id} was imported: its settings are those of another program, and only that could train it`,
    values: { id },
    fix: 'Start a new experiment and choose the model and its settings here.',
  });
}
