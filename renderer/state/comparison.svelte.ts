import type { ExperimentDetail } from '#renderer/state/comparison-words.ts';
import { router } from './router.svelte.ts';

/** Which runs the Compare and Export screens look at, read from the address: an experiment, or runs by id. */
export interface Scope {
  readonly experiments: readonly string[];
  readonly runs: readonly string[];
}

export function scopeOfRoute(): Scope | undefined {
  const { id, query } = router.route;
  if (id !== undefined) return { experiments: [id], runs: [] };
  const runs = (query['runs'] ?? '').split(',').filter((run) => run !== '');
  return runs.length > 0 ? { experiments: [], runs } : undefined;
}

/** Name of what is compared, for titles and breadcrumbs. */
export function scopeTitle(detail: ExperimentDetail | undefined, scope: Scope): string {
  if (detail !== undefined) return detail.summary.name;
  return `${scope.runs.length} ${scope.runs.length === 1 ? 'run' : 'runs'}`;
}
