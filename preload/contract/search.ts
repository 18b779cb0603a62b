import * as v from 'valibot';
import type { Verdict } from './run.ts';

/** A range that a search draws from. Absent scale: logarithmic where the card's field is, else linear. */
export const searchRangeSchema = v.object({
  from: v.pipe(v.number(), v.finite()),
  to: v.pipe(v.number(), v.finite()),
  scale: v.optional(v.picklist(['linear', 'log'])),
});
export type SearchRange = v.InferOutput<typeof searchRangeSchema>;

export const strategies = ['grid', 'random', 'tpe'] as const;
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/**
 * How configurations are chosen. Every model gets as many trials on every dataset: equal budgets. The objective is validation Recall@20,
 * mean over seeds; test results are never looked at.
 */
export const searchSchema = v.object({
  strategy: v.picklist(strategies),
  /** Per model and dataset; a grid has its own number. */
  trials: v.optional(whole(1, 2000), 30),
  /** Of the search itself: the same seed proposes the same trials, given the same results. */
  seed: v.optional(whole(0, 2 ** 48), 0),
  /**
   * Successive halving: each trial trains its first seed; at epochs firstEpoch, firstEpoch·eta, … a run goes on only among the best
   * 1/eta of those that came so far. What was not ended gets all seeds.
   */
  halving: v.optional(v.object({ firstEpoch: v.optional(whole(1, 100_000), 9), eta: v.optional(whole(2, 10), 3) })),
});
export type Search = v.InferOutput<typeof searchSchema>;

/** Where a search stands, over all models and datasets. */
export const searchStateSchema = v.object({
  strategy: v.picklist(strategies),
  /** Proposed so far, of as many as there will be. */
  proposed: v.number(),
  trials: v.number(),
  /** Ended early by successive halving. */
  halted: v.number(),
  /** Nothing is left that the search would start by itself. */
  isOver: v.boolean(),
  words: v.string(),
});
export type SearchState = v.InferOutput<typeof searchStateSchema>;

/** "ended by successive halving at epoch 9: rank 14 of 18", the same in lists, on the run's page and in a terminal. */
export function verdictWords({ epoch, rank, of }: Verdict): string {
  return `ended by successive halving at epoch ${epoch}: rank ${rank} of ${of}`;
}
