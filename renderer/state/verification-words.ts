/** What a verification found, in words. Pure. */
import type { Differing, Verification } from '#contract/lineage.ts';
import { count, date, listed } from '#renderer/locales/format.ts';
import { metricWords } from '#renderer/locales/metrics.ts';
import { upperFirst } from '#renderer/locales/sentence.ts';
import { artifactWords } from './run-words.ts';

/** Whether every value, point and file came out as stored. */
export function agrees({ values, curves, files }: Verification): boolean {
  return [values, curves, files].every(({ equal, of }) => equal === of);
}

/** "Verified on 21 Nov 2026, 10:12: 32 of 32 values equal". */
export function verificationLine(found: Verification): string {
  const { values, curves, files, at, how } = found;
  const parts = [
    `${count(values.equal)} of ${count(values.of)} values`,
    ...(curves.of === 0 ? [] : [`${count(curves.equal)} of ${count(curves.of)} points of its curves`]),
    ...(files.of === 0 ? [] : [`${count(files.equal)} of ${count(files.of)} files`]),
  ];
  const last = parts[parts.length - 1]!;
  const list = parts.length === 1 ? last : `${listed(parts.slice(0, -1))} and ${last}`;
  return how === 'evaluation' ? `Verified on ${date(at)}: ${list} equal` : `Reproduced on ${date(at)}: ${list} equal`;
}

/** The name of a value that differs, as screens call it. */
export function differingName({ part, key }: Differing): string {
  if (part === 'file') return artifactWords(key);
  if (part === 'validation') return `Validation ${metricWords(key).label}`;
  if (part === 'test') return `Test ${metricWords(key).label}`;
  if (part === 'record') return upperFirst(key);
  const [stage = '', series = '', epoch = ''] = key.split(' ');
  return `${metricWords(series).label}, epoch ${epoch}${stage === 'train' ? '' : ` of ${stage}`}`;
}

/** All digits of a number, the first letters of a hash. */
export function differingValue(value: number | string | undefined, part: Differing['part']): string {
  if (value === undefined) return part === 'test' ? 'masked' : 'none';
  return typeof value === 'number' ? String(value) : value.slice(0, 12);
}
