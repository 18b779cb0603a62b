/** The form of a split as a draft, and the rule it becomes. Pure. */
import type { SplitRule, SplitRuleName } from '#contract/split-rule.ts';

export interface SplitDraft {
  rule: SplitRuleName;
  validationShare: number;
  testShare: number;
  order: 'random' | 'time';
  cut: 'quantile' | 'date';
  validationQuantile: number;
  testQuantile: number;
  /** "2024-05-31"; a day begins at midnight UTC. */
  validationDate: string;
  testDate: string;
  unseen: 'drop' | 'keep';
  itemShare: number;
  choose: 'random' | 'newest';
  userShare: number;
  support: 1 | 3 | 5;
  folds: number;
  fold: number;
  seed: number;
}

/** Rules in the order of the form. */
export const ruleOrder: readonly SplitRuleName[] = [
  'ratio-per-user',
  'leave-one-out',
  'temporal',
  'cold-item',
  'cold-user',
  'k-fold',
  'ratio-global',
  'mmrec-ratio',
  'labels',
];

export function emptySplitDraft(hasTimes: boolean, rule: SplitRuleName = 'ratio-per-user'): SplitDraft {
  return {
    rule,
    validationShare: 0.1,
    testShare: 0.1,
    order: hasTimes ? 'time' : 'random',
    cut: 'quantile',
    validationQuantile: 0.8,
    testQuantile: 0.9,
    validationDate: '',
    testDate: '',
    unseen: 'drop',
    itemShare: 0.1,
    choose: 'random',
    userShare: 0.1,
    support: 1,
    folds: 5,
    fold: 1,
    seed: 7,
  };
}

/** Whether the draft, as it stands, needs times. */
export function draftNeedsTimes({ rule, order, choose }: SplitDraft): boolean {
  switch (rule) {
    case 'temporal':
      return true;
    case 'ratio-per-user':
    case 'ratio-global':
    case 'leave-one-out':
    case 'cold-user':
      return order === 'time';
    case 'cold-item':
      return choose === 'newest';
    default:
      return false;
  }
}

/** Whether the seed changes anything. */
export function draftNeedsSeed(draft: SplitDraft): boolean {
  if (draft.rule === 'labels' || draft.rule === 'temporal') return false;
  if (draft.rule === 'ratio-per-user' || draft.rule === 'ratio-global' || draft.rule === 'leave-one-out') return draft.order === 'random';
  return true;
}

/** What the draft still lacks, in words, or undefined. */
export function splitDraftFault(
  draft: SplitDraft,
  source: { readonly hasTimes: boolean; readonly hasLabels: boolean },
): string | undefined {
  if (draft.rule === 'labels' && !source.hasLabels) return 'The split by labels needs the column that holds them';
  if (draftNeedsTimes(draft) && !source.hasTimes) return 'A split by time needs the column that holds the time';
  const isRatio = draft.rule === 'ratio-per-user' || draft.rule === 'ratio-global';
  if (isRatio && draft.validationShare + draft.testShare >= 1) return 'Validation and test together must leave rows for train';
  if (draft.rule === 'temporal' && draft.cut === 'quantile' && draft.validationQuantile >= draft.testQuantile)
    return 'Validation must start before test';
  if (draft.rule === 'temporal' && draft.cut === 'date') {
    const [validation, test] = [dayOf(draft.validationDate), dayOf(draft.testDate)];
    if (validation === undefined || test === undefined) return 'Choose the days on which validation and test start';
    if (validation >= test) return 'Validation must start before test';
  }
  if (draft.rule === 'k-fold' && draft.fold > draft.folds) return `There are only ${draft.folds} folds`;
  return undefined;
}

/** The rule of a draft without a fault. */
export function ruleOf(draft: SplitDraft): SplitRule {
  const { rule, order } = draft;
  switch (rule) {
    case 'labels':
    case 'mmrec-ratio':
      return { rule };
    case 'ratio-per-user':
    case 'ratio-global':
      return { rule, validation: draft.validationShare, test: draft.testShare, order };
    case 'leave-one-out':
      return { rule, order };
    case 'temporal': {
      const quantiles = { validationQuantile: draft.validationQuantile, testQuantile: draft.testQuantile };
      const [validationFrom, testFrom] = [dayOf(draft.validationDate), dayOf(draft.testDate)];
      const dates = draft.cut === 'date' && validationFrom !== undefined && testFrom !== undefined ? { validationFrom, testFrom } : {};
      return { rule, ...quantiles, ...dates, unseen: draft.unseen };
    }
    case 'cold-item':
      return { rule, share: draft.itemShare, choose: draft.choose };
    case 'cold-user':
      return { rule, share: draft.userShare, support: draft.support, order };
    case 'k-fold':
      return { rule, folds: draft.folds, fold: draft.fold };
  }
}

function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : at;
}
