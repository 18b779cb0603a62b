import { isRandomRule, needsTimes, type SplitRule } from '#contract/split-rule.ts';
import { dataError } from './issue-log.ts';
import { randomStream } from './random.ts';
import { coldItems, coldUsers, kFold } from './split-groups.ts';
import {
  leaveOneOut,
  mmrecRatio,
  quantileCuts,
  ratioGlobal,
  ratioPerUser,
  temporal,
  type Labels,
  type Rows,
  type TemporalCuts,
} from './split.ts';

export interface SplitInput {
  readonly rows: Rows;
  readonly users: number;
  readonly items: number;
  /** Labels that came with the rows, if any. */
  readonly given: Uint8Array | undefined;
  /** What a problem names: the file, or the dataset. */
  readonly where: string;
}

export interface SplitOutcome {
  readonly labels: Labels;
  /** UTC ms, where the rule cuts by time. */
  readonly cuts?: TemporalCuts;
  /** Held-out rows of users or items without a train row before the cut: dropped or kept, as the rule says. */
  readonly unseenRows?: number;
}

/** The part of every row by a rule. The same rows, rule and seed give the same parts. @throws ProblemError split.* */
export function labelRows(rule: SplitRule, { rows, users, items, given, where }: SplitInput, seed: number): SplitOutcome {
  if (needsTimes(rule) && rows.times === undefined)
    throw dataError({
      code: 'split.no-times',
      message: 'This split needs times, but no timestamp column is mapped.',
      where,
      fix: 'Map the timestamp column, or choose a random split.',
    });
  const random = randomStream(seed, 'split');
  const order = (by: 'random' | 'time') => (by === 'time' ? ('time' as const) : { random });
  switch (rule.rule) {
    case 'labels':
      if (given === undefined)
        throw dataError({
          code: 'split.no-labels',
          message: 'The split by label needs a label column.',
          where,
          fix: 'Map the label column, or choose another split.',
        });
      return { labels: given };
    case 'mmrec-ratio':
      return { labels: mmrecRatio(rows, users, random) };
    case 'ratio-per-user':
    case 'ratio-global': {
      if (rule.validation + rule.test >= 1)
        throw dataError({
          code: 'split.shares',
          message: `Validation ${rule.validation} and test ${rule.test} leave nothing for train.`,
          where,
          fix: 'Choose smaller shares.',
        });
      const split = rule.rule === 'ratio-global' ? ratioGlobal : ratioPerUser;
      return { labels: split(rows, users, rule, order(rule.order)) };
    }
    case 'leave-one-out':
      return { labels: leaveOneOut(rows, users, order(rule.order)) };
    case 'temporal':
      return byCuts(rule, { ...rows, times: rows.times! }, where);
    case 'cold-item':
      return { labels: coldItems(rows, items, rule, random) };
    case 'cold-user':
      return { labels: coldUsers(rows, users, rule, random) };
    case 'k-fold':
      if (rule.fold > rule.folds)
        throw dataError({
          code: 'split.fold',
          message: `There is no fold ${rule.fold} of ${rule.folds}.`,
          where,
          fix: `Choose a fold from 1 to ${rule.folds}.`,
        });
      return { labels: kFold(rows, users, rule, random) };
  }
}

type Temporal = Extract<SplitRule, { rule: 'temporal' }>;

function byCuts(rule: Temporal, rows: Rows & { readonly times: Float64Array }, where: string): SplitOutcome {
  const cuts = cutsOf(rule, rows.times);
  if (cuts.validationFrom >= cuts.testFrom)
    throw dataError({
      code: 'split.cuts',
      message: 'The validation cut is not before the test cut.',
      where,
      fix: 'Choose an earlier validation cut.',
    });
  return { ...temporal(rows, cuts, rule.unseen), cuts };
}

/** As given; what is not is where the quantile lies, which takes the times in order. */
function cutsOf({ validationFrom, testFrom, validationQuantile, testQuantile }: Temporal, times: Float64Array): TemporalCuts {
  if (validationFrom !== undefined && testFrom !== undefined) return { validationFrom, testFrom };
  const quantiles = quantileCuts(times, validationQuantile, testQuantile);
  return { validationFrom: validationFrom ?? quantiles.validationFrom, testFrom: testFrom ?? quantiles.testFrom };
}

/** Refuses a split with an empty part: nothing can be trained, chosen or tested on it. */
export function refuseEmptyParts(parts: Readonly<Record<'train' | 'validation' | 'test', { readonly users: Int32Array }>>, where: string) {
  for (const [name, part] of Object.entries(parts)) {
    if (part.users.length === 0)
      throw dataError({
        code: 'split.empty-part',
        message: `The ${name} part is empty.`,
        where,
        values: { part: name },
        fix: 'Choose other shares, or a lower k-core: users need at least three rows to be in all parts.',
      });
  }
}

/** The split in words, as the data card prints it. */
export function splitWords(rule: SplitRule): string {
  switch (rule.rule) {
    case 'labels':
      return 'labels of the file taken as they are';
    case 'mmrec-ratio':
      return 'MMRec ratio 8:1:1 per user, random';
    case 'ratio-per-user':
      return `ratio per user, validation ${rule.validation}, test ${rule.test}, ${rule.order === 'time' ? 'latest rows held out' : 'random'}`;
    case 'ratio-global':
      return `ratio over all rows, validation ${rule.validation}, test ${rule.test}, ${rule.order === 'time' ? 'latest rows held out' : 'random'}`;
    case 'leave-one-out':
      return `leave one out per user, ${rule.order === 'time' ? 'by time' : 'random'}`;
    case 'temporal':
      return `two cut times for all users, unseen users and items ${rule.unseen === 'drop' ? 'dropped' : 'kept'}`;
    case 'cold-item':
      return `cold items: ${percent(rule.share)} of the items, ${rule.choose === 'newest' ? 'the newest' : 'at random'}, lose all train rows`;
    case 'cold-user':
      return `cold users: ${percent(rule.share)} of the users keep ${rule.support} train ${rule.support === 1 ? 'row' : 'rows'}, ${rule.order === 'time' ? 'their first' : 'at random'}`;
    case 'k-fold':
      return `fold ${rule.fold} of ${rule.folds} per user, random`;
  }
}

/** What a dataset keeps of its rule. */
export function madeSplit(rule: SplitRule, seed: number): { rule: SplitRule; seed?: number } {
  return { rule, ...(isRandomRule(rule) ? { seed } : {}) };
}

/** The split in words with its seed, where a seed matters. */
export function splitWordsWithSeed(rule: SplitRule, seed: number): string {
  return `${splitWords(rule)}${isRandomRule(rule) ? `, seed ${seed}` : ''}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
