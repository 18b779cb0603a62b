/** Which checkpoints of a run may go, and why others may not. */
import { ProblemError } from '#contract/problem.ts';
import type { Artifact, RunSummary } from '#contract/run.ts';
import type { TrashedArtifact } from '#store/artifacts.ts';
import type { Store } from '#store/store.ts';

const isCheckpoint = (name: string) => name.startsWith('checkpoint-');

/** Why a checkpoint has to stay; undefined where nothing needs it. Only a finished run goes on from none. */
export function neededBecause(run: Pick<RunSummary, 'state' | 'locked'>, name: string): string | undefined {
  if (!isCheckpoint(name)) return undefined;
  if (run.locked === true) return 'The run is locked.';
  switch (run.state) {
    case 'finished':
    case 'imported':
      return undefined;
    case 'queued':
    case 'preparing':
    case 'running':
      return 'The run is at work and goes on from it.';
    case 'paused':
    case 'stopped':
    case 'failed':
    case 'lost':
      return 'The run can be resumed, and goes on from it.';
  }
}

/** @throws ProblemError checkpoint.needed */
export function refuseWhereNeeded(run: Pick<RunSummary, 'id' | 'state' | 'locked'>, name: string): void {
  const reason = neededBecause(run, name);
  if (reason === undefined) return;
  throw new ProblemError({
    kind: 'config',
    code: 'checkpoint.needed',
    message: `The checkpoint of run ${run.id} cannot be deleted. ${reason}`,
    values: { id: run.id, name },
    fix: run.locked === true ? 'Unlock the run first.' : 'Move the whole run to the trash instead.',
  });
}

/** @throws ProblemError checkpoint.unknown */
export function findCheckpoint(store: Store, runId: string, name: string): Artifact {
  const found = isCheckpoint(name) ? store.artifacts.of(runId).find((artifact) => artifact.name === name) : undefined;
  if (found === undefined) throw unknown(runId, name);
  return found;
}

/** @throws ProblemError checkpoint.unknown where it does not lie in the trash */
export function trashedCheckpoint(store: Store, runId: string, name: string): TrashedArtifact {
  const found = store.artifacts.trashed(runId).find((artifact) => artifact.name === name);
  if (found === undefined) throw unknown(runId, name);
  return found;
}

function unknown(runId: string, name: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'checkpoint.unknown',
    message: `Run ${runId} has no checkpoint named ${name} there`,
    values: { id: runId, name },
    fix: 'The tab Files of the run lists what it keeps.',
  });
}
