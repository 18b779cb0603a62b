import { standardError } from './statistics.ts';

/** Milliseconds of one turn: the worker's and the studio's work for supervision, and how long the run was at work. */
export interface Cost {
  readonly worker: number;
  readonly studio: number;
  readonly active: number;
}

/** Parts of a run's time, and the standard error of their sum. */
export interface Share {
  readonly worker: number;
  readonly studio: number;
  readonly total: number;
  readonly error: number;
}

/** Of turns of about the same length. Pure. */
export function shareOf(costs: readonly Cost[]): Share {
  const sum = (of: (cost: Cost) => number) => costs.reduce((all, cost) => all + of(cost), 0);
  const active = sum((cost) => cost.active);
  const worker = sum((cost) => cost.worker) / active;
  const studio = sum((cost) => cost.studio) / active;
  return { worker, studio, total: worker + studio, error: standardError(costs.map((cost) => (cost.worker + cost.studio) / cost.active)) };
}
