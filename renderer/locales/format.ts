/** Numbers, times and sizes as the screens write them, in the language of the page; files and exports write their own. */
import { range as spanOf } from '#contract/amounts.ts';
import type { Estimate } from '#contract/run.ts';
import { heard, inChinese, plural } from './language.svelte.ts';

export { about, bytes, duration } from '#contract/amounts.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const halves = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** The range behind an estimate and what it rests on, which the studio says. */
export function range(estimate: Estimate): string {
  return spanOf(estimate.basis === 'estimating' ? estimate : { ...estimate, basis: heard(estimate.basis) });
}

/** 19445 → "19,445". */
export function count(value: number): string {
  return whole.format(value);
}

/** A median of counts: 10 → "10", 9.5 → "9.5". */
export function middle(value: number): string {
  return halves.format(value);
}

/** "1 run", "12 runs"; the plural is the word with s unless given. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return plural(`{0} ${many}`, count(value)) ?? `${count(value)} ${value === 1 ? one : many}`;
}

/** Parts of a sentence: "2 running, 10 waiting". Chinese has a comma of its own. */
export function joined(parts: readonly string[]): string {
  return parts.join(inChinese() ? '，' : ', ');
}

/** Parts as a sentence of their own, with its full stop. */
export function sentence(parts: readonly string[]): string {
  return `${joined(parts)}${inChinese() ? '。' : '.'}`;
}

/** Names of equal kind: "image, text". Chinese sets another mark between these than between parts of a sentence. */
export function listed(names: readonly string[]): string {
  return names.join(inChinese() ? '、' : ', ');
}

/** Sentences one after the other, each with its full stop; Chinese leaves no space between. */
export function sentences(all: readonly string[]): string {
  return all.join(inChinese() ? '' : ' ');
}

/** A metric with aligned decimals: 0.0992. */
export function metric(value: number, digits = 4): string {
  return value.toFixed(digits);
}

/** A signed difference with a true minus: "+0.0046", "−0.0008", "0". */
export function signed(value: number, digits = 4): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return '0';
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** 0.0235 → "2.35 %". Small shares keep two significant digits, so that a sparse dataset does not read "0.00 %". */
export function percent(share: number, digits = 2): string {
  const value = share * 100;
  const places = value !== 0 && Math.abs(value) < 0.1 ? Math.min(12, Math.max(3, 1 - Math.floor(Math.log10(Math.abs(value))))) : digits;
  return `${value.toFixed(places)} %`;
}

/** UTC milliseconds in local words: "21 Nov 2026, 10:12", in Chinese "2026年11月21日 10:12". */
export function date(at: number): string {
  const when = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  if (inChinese())
    return `${when.getFullYear()}年${when.getMonth() + 1}月${when.getDate()}日 ${two(when.getHours())}:${two(when.getMinutes())}`;
  const month = when.toLocaleString('en-GB', { month: 'short' });
  return `${when.getDate()} ${month} ${when.getFullYear()}, ${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** Clock of a console line: "10:41:07". */
export function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** The first eight letters of a hash. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}

/** A name where there is room for `most` letters: cut, with a sign that it goes on. */
export function shortened(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
