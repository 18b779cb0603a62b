/** Whether what we reach is what others print: within a stated bound, and within what our own seeds spread (protocol.md section 8). */
import { aggregate } from '#stats/aggregate.ts';
import { tQuantile } from '../half-width.ts';

/** Seeds that a verdict takes. */
const leastSeeds = 3;

/** relative: a share of the printed value; absolute: in the metric's own units. */
export interface Bound {
  readonly kind: 'relative' | 'absolute';
  readonly limit: number;
}

export type Verdict = 'within' | 'outside' | 'not decidable' | 'no bound';

export interface Judgement {
  /** Our mean minus the printed value; absent while no run has finished. */
  readonly difference?: number;
  /** The difference over the printed value. */
  readonly relative?: number;
  readonly verdict: Verdict;
  /** Why nothing can be decided. */
  readonly why?: string;
  /** The printed value lies inside mean ± t · sd · √(1 + 1/n), where a further seed of ours would; absent below three seeds. */
  readonly isLikeASeed?: boolean;
}

/**
 * @param values one per finished seed
 * @param obstacle what forbids a verdict whatever the values are, such as a training that was cut short
 */
export function judge(values: readonly number[], printed: number, bound: Bound | undefined, obstacle?: string): Judgement {
  const own = aggregate(values);
  if (own === undefined)
    return { verdict: bound === undefined ? 'no bound' : 'not decidable', ...(bound && { why: 'no run has finished' }) };
  const difference = own.mean - printed;
  const relative = difference / printed;
  const spread = own.sd === undefined || own.n < leastSeeds ? undefined : tQuantile(own.n - 1) * own.sd * Math.sqrt(1 + 1 / own.n);
  const shared = { difference, relative, ...(spread === undefined ? {} : { isLikeASeed: Math.abs(difference) <= spread }) };
  if (bound === undefined) return { ...shared, verdict: 'no bound' };
  if (obstacle !== undefined) return { ...shared, verdict: 'not decidable', why: obstacle };
  if (own.n < leastSeeds) return { ...shared, verdict: 'not decidable', why: `${seeds(own.n)} of ${leastSeeds}` };
  const size = Math.abs(bound.kind === 'relative' ? relative : difference);
  return { ...shared, verdict: size <= bound.limit ? 'within' : 'outside' };
}

function seeds(n: number): string {
  return `${n} ${n === 1 ? 'seed' : 'seeds'}`;
}

/** "± 3 %" or "± 0.0009". */
export function boundText({ kind, limit }: Bound): string {
  return kind === 'relative' ? `± ${Number((limit * 100).toFixed(3))} %` : `± ${limit.toFixed(4)}`;
}
