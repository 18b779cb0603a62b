import * as v from 'valibot';
import { splitRuleSchema, type SplitRule } from '#contract/split-rule.ts';
import { text, UsageError, whole, type OptionHelp, type Values } from './command.ts';
import { unknownKey } from '#studio/nearest.ts';

/** How rows become train, validation and test, as the command line writes it: RULE, or RULE:key=value,key=value. */

/** What each does, with the values its settings take; the usual one first. */
const rules: Readonly<Record<SplitRule['rule'], readonly [says: string, ...settings: string[]]>> = {
  labels: ['the parts of the label column, as they are'],
  'mmrec-ratio': ['8 : 1 : 1 per user, rounded as MMRec does'],
  'ratio-per-user': ['a share of each user’s rows', 'validation=0.1', 'test=0.1', 'order=random|time'],
  'ratio-global': ['a share of all rows', 'validation=0.1', 'test=0.1', 'order=random|time'],
  'leave-one-out': ['a user’s last row is test, the one before validation', 'order=time|random'],
  temporal: [
    'rows from two moments on, for everybody',
    'validationQuantile=0.8',
    'testQuantile=0.9',
    'or validationFrom=DATE',
    'testFrom=DATE',
    'unseen=drop|keep',
  ],
  'cold-item': ['a share of the items loses its train rows', 'share=0.1', 'choose=random|newest'],
  'cold-user': ['a share of the users keeps a few train rows', 'share=0.1', 'support=1|3|5', 'order=random|time'],
  'k-fold': ['one fold of each user’s rows is test, the next validation', 'folds=5', 'fold=1'],
};
const keysOf = ([, ...settings]: (typeof rules)[SplitRule['rule']]) => settings.map((setting) => /(\w+)=/.exec(setting)?.[1] ?? '');
const dates = new Set(['validationFrom', 'testFrom']);
const words = new Set(['order', 'unseen', 'choose']);

export const splitOptionHelp: Readonly<Record<'split' | 'seed', OptionHelp>> = {
  split: { type: 'string', value: 'RULE', help: 'how rows become train, validation and test; see below' },
  seed: { type: 'string', value: 'N', help: 'of a random split (default: 7)' },
};

export const splitDetails: readonly string[] = [
  'Splits: RULE or RULE:key=value,key=value',
  ...Object.entries(rules).flatMap(([rule, [says, ...settings]]) => [
    `  ${rule.padEnd(16)} ${says}`,
    ...(settings.length === 0 ? [] : [`  ${' '.repeat(16)}   ${settings.join(', ')}`]),
  ]),
  'For example leave-one-out:order=time, temporal:validationFrom=2024-05-01,testFrom=2024-06-01, k-fold:folds=5,fold=1.',
];

/** The rule of --split, or undefined where it is not given. @throws UsageError */
export function splitOf(values: Values): SplitRule | undefined {
  const given = text(values, 'split');
  if (given === undefined) return undefined;
  const [name = '', settings = ''] = given.split(/:(.*)/s);
  const known = Object.keys(rules) as SplitRule['rule'][];
  const rule = known.find((entry) => entry === name);
  if (rule === undefined) throw new UsageError(unknownKey(name, known, 'splits'));
  const wish: Record<string, unknown> = { rule };
  for (const pair of settings.split(',').filter((entry) => entry !== '')) {
    const [key = '', value] = pair.split('=');
    if (value === undefined) throw new UsageError(`--split ${rule} wants key=value, found "${pair}"`);
    const keys = keysOf(rules[rule]);
    if (!keys.includes(key)) throw new UsageError(unknownKey(key, keys, `settings of ${rule}`));
    wish[key] = words.has(key) ? value : dates.has(key) ? dayOf(value) : Number(value);
  }
  const parsed = v.safeParse(splitRuleSchema, wish);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UsageError(`--split ${rule}: ${v.getDotPath(issue) ?? 'rule'}: ${issue.message}`);
  }
  return parsed.output;
}

/** Seed of the split. */
export function splitSeedOf(values: Values): number {
  return whole(values, 'seed', 0) ?? 7;
}

function dayOf(written: string): number {
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00Z` : written);
  if (Number.isNaN(at)) throw new UsageError(`"${written}" is no date; write it as 2024-05-31`);
  return at;
}
