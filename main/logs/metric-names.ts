/** Which of our metrics a tool's name means. Names are compared by their words, whatever their case and the signs between them. */
import type { LogSeries } from '#contract/log-import.ts';
import { metricOf } from '#contract/metrics.ts';

type Part = LogSeries['part'];

// "vaild" stands in names that RecBole writes.
const parts: Readonly<Record<string, Part>> = {
  valid: 'validation',
  validation: 'validation',
  val: 'validation',
  vali: 'validation',
  vaild: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
  train: 'training',
  training: 'training',
};
/** Words that name no other thing. */
const empty = new Set(['metric', 'metrics', 'eval', 'result', 'results', 'score', 'scores']);

export interface ReadAs {
  readonly part: Part;
  /** Ours, or the name as it is. */
  readonly key: string;
  /** "recall@20" where it is one of ours, on validation or test. */
  readonly metric?: string;
}

/** "valid/Recall@20", "test_recall_at_20" and "NDCG@20" as our metrics; "train/loss" and "lr" as our series; all else by its own name. */
export function readMetricName(name: string): ReadAs {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s/_.:|-]+/)
    .filter((word) => word !== '');
  const named = [...new Set(words.flatMap((word) => (Object.hasOwn(parts, word) ? [parts[word]!] : [])))];
  const part: Part = named.length === 1 ? named[0]! : named.length === 0 ? 'unnamed' : 'other';
  const rest = words.filter((word) => !Object.hasOwn(parts, word) && !empty.has(word)).join('');
  const foreign: ReadAs = { part: part === 'unnamed' ? 'other' : part, key: name };
  if (part === 'other') return foreign;
  if ((part === 'unnamed' || part === 'training') && /^(?:total|epoch|avg|mean)?loss$/.test(rest)) return { part: 'training', key: 'loss' };
  if ((part === 'unnamed' || part === 'training') && /^(?:lr|learningrate)$/.test(rest)) return { part: 'training', key: 'learning-rate' };
  const [, written = '', k = ''] = /^(recall|ndcg|precision|map)(?:@|at)?(\d+)$/.exec(rest) ?? [];
  const metric = metricOf(`${written}@${k}`)?.key;
  if (metric === undefined || part === 'training') return foreign;
  return { part, key: part === 'test' ? `test/${metric}` : metric, metric };
}
