/**
 * Successive halving (Jamieson & Talwalkar 2016) in its asynchronous form that stops runs (ASHA, Li et al. 2020): a run that reaches a rung
 * is compared with all rivals that were there before it, and goes on only among the best 1/η of them. Pure.
 */

/** Epochs at which runs are compared: first, first·η, first·η² … below the limit, and none before misses count (models.md 1.3). */
export function rungsOf(
  { firstEpoch, eta }: { readonly firstEpoch: number; readonly eta: number },
  budget: { readonly epochs: number; readonly minEpochs: number },
): number[] {
  const rungs: number[] = [];
  for (let epoch = Math.max(firstEpoch, budget.minEpochs); epoch < budget.epochs; epoch *= eta) rungs.push(epoch);
  return rungs;
}

export interface Verdict {
  /** From 1. */
  readonly rank: number;
  /** Runs compared, this one included. */
  readonly of: number;
  readonly goesOn: boolean;
}

/**
 * The verdict on a run with the value `own` among the values of its rivals at the same rung, in the order of their trials up to it.
 * Nobody is ended before η runs have come so far; of equal values the earlier trial ranks first.
 */
export function verdictOf(
  own: number,
  rivals: { readonly earlier: readonly number[]; readonly later: readonly number[] },
  eta: number,
): Verdict {
  const of = rivals.earlier.length + rivals.later.length + 1;
  const rank = 1 + rivals.earlier.filter((value) => value >= own).length + rivals.later.filter((value) => value > own).length;
  return { rank, of, goesOn: of < eta || rank <= Math.max(1, Math.floor(of / eta)) };
}

/** The best value up to an epoch; undefined where none is recorded. */
export function bestUpTo(
  series: { readonly epochs: ArrayLike<number>; readonly values: ArrayLike<number> },
  epoch: number,
): number | undefined {
  let best: number | undefined;
  for (let at = 0; at < series.epochs.length && series.epochs[at]! <= epoch; at++) {
    const value = series.values[at]!;
    if (best === undefined || value > best) best = value;
  }
  return best;
}

/** Share of a run's epochs that a trial takes on average, and of trials that are trained to their end, where results are in no order. */
export function expectedShare(rungs: readonly number[], eta: number, epochs: number): { readonly epochs: number; readonly ends: number } {
  const reached = rungs.filter((rung) => rung < epochs);
  let trained = 0;
  let alive = 1;
  let before = 0;
  for (const rung of reached) {
    trained += alive * (rung - before);
    alive /= eta;
    before = rung;
  }
  return { epochs: (trained + alive * (epochs - before)) / epochs, ends: alive };
}
