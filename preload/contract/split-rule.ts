import * as v from 'valibot';

/**
 * How rows become train, validation and test (protocol.md section 2). A split of a dataset never changes it: it
 * makes another dataset.
 */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const order = v.picklist(['random', 'time']);

/** Shares are of all rows, of all items (cold-item) or of all users (cold-user). */
export const splitRuleSchema = v.variant('rule', [
  v.object({ rule: v.literal('labels') }),
  v.object({ rule: v.literal('mmrec-ratio') }),
  v.object({
    rule: v.literal('ratio-per-user'),
    validation: v.optional(share, 0.1),
    test: v.optional(share, 0.1),
    order: v.optional(order, 'random'),
  }),
  /** Over all rows at once; every user keeps at least one train row. */
  v.object({
    rule: v.literal('ratio-global'),
    validation: v.optional(share, 0.1),
    test: v.optional(share, 0.1),
    order: v.optional(order, 'random'),
  }),
  v.object({ rule: v.literal('leave-one-out'), order: v.optional(order, 'time') }),
  v.object({
    rule: v.literal('temporal'),
    /** UTC ms of the two cuts; absent: by quantile. */
    validationFrom: v.optional(v.number()),
    testFrom: v.optional(v.number()),
    validationQuantile: v.optional(share, 0.8),
    testQuantile: v.optional(share, 0.9),
    /** Held-out rows of users or items unseen before the cut. */
    unseen: v.optional(v.picklist(['drop', 'keep']), 'drop'),
  }),
  /** Items that lose all train rows: half of them are in validation, half in test. */
  v.object({ rule: v.literal('cold-item'), share: v.optional(share, 0.1), choose: v.optional(v.picklist(['random', 'newest']), 'random') }),
  /** Users who keep `support` train rows; of the others the first half is validation, the second test. */
  v.object({
    rule: v.literal('cold-user'),
    share: v.optional(share, 0.1),
    support: v.optional(v.picklist([1, 3, 5]), 1),
    order: v.optional(order, 'random'),
  }),
  /** Per user: fold `fold` (from 1) is test, the next one validation, the others train. */
  v.object({
    rule: v.literal('k-fold'),
    folds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(3), v.maxValue(20)), 5),
    fold: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20)), 1),
  }),
]);

/** Remove users with fewer than `users` and items with fewer than `items` rows; 0 leaves that side alone; `rounds` 0 = until nothing changes. */
export const kCoreSchema = v.object({ users: v.optional(count, 0), items: v.optional(count, 0), rounds: v.optional(count, 0) });

export const seedSchema = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 7);

/** What a dataset keeps of how it was split; labels of a file have no seed. */
export const madeSplitSchema = v.object({ rule: splitRuleSchema, seed: v.optional(count) });

export type SplitRule = v.InferOutput<typeof splitRuleSchema>;
export type SplitRuleName = SplitRule['rule'];
export type KCore = v.InferOutput<typeof kCoreSchema>;

/** Whether the rule draws at random, so that its seed matters. */
export function isRandomRule(rule: SplitRule): boolean {
  switch (rule.rule) {
    case 'labels':
    case 'temporal':
      return false;
    case 'mmrec-ratio':
    case 'k-fold':
    case 'cold-item':
    case 'cold-user':
      return true;
    default:
      return rule.order === 'random';
  }
}

/** Whether the rule needs times. */
export function needsTimes(rule: SplitRule): boolean {
  return rule.rule === 'temporal' || ('order' in rule && rule.order === 'time') || (rule.rule === 'cold-item' && rule.choose === 'newest');
}

/** Whether the rule promises that what is held out comes after train: `user` for each user, `all` for everybody. */
export function timePromise(rule: SplitRule): 'user' | 'all' | undefined {
  if (rule.rule === 'temporal') return 'all';
  if (rule.rule === 'ratio-per-user' || rule.rule === 'leave-one-out') return rule.order === 'time' ? 'user' : undefined;
  if (rule.rule === 'ratio-global') return rule.order === 'time' ? 'user' : undefined;
  return undefined;
}
