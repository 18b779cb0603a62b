/** Values of a sweep as they are typed: a list, a range, or a range on a logarithmic scale. Pure. */
import type { HyperField, HyperValue } from '#contract/model-card.ts';
import { readTyped, valueText } from './setting-rows.ts';

export type Variation =
  { readonly values: readonly HyperValue[]; readonly fault?: undefined } | { readonly values?: undefined; readonly fault: string };

const most = 50;
const span =
  /^(.+?)\s*(?:\.\.|…|\bto\b)\s*(.+?)(?:\s+(?:by|step)\s+(.+?))?(?:\s+(?:log\s+)?(?:in\s+)?(\d+)(?:\s+(?:values|steps))?)?(?:\s+(log))?$/;

/** Reads "5, 10, 20", "5 to 20 by 5", "0.1 to 0.5 in 5", "1e-4 to 1e-1 log 4"; every value is checked against the field. */
export function readVariation(field: HyperField, text: string): Variation {
  const values: HyperValue[] = [];
  const parts = text
    .split(/[;\n]|,(?!\d{3}\b)\s*/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return { fault: 'Type values, e.g. 5, 10, 20' };
  for (const part of parts) {
    const isSpan = field.type !== 'choice' && field.type !== 'boolean' && field.type !== 'text' && /\.\.|…|\bto\b/.test(part);
    const read = isSpan ? readSpan(field, part) : readOne(field, part);
    if (read.fault !== undefined) return read;
    for (const value of read.values) if (!values.includes(value)) values.push(value);
  }
  return values.length > most ? { fault: `At most ${most} values, found ${values.length}` } : { values };
}

function readOne(field: HyperField, part: string): Variation {
  const word = field.type === 'boolean' ? ({ on: 'true', off: 'false' }[part] ?? part) : part;
  const read = readTyped(field, word);
  return read.fault === undefined ? { values: [read.value] } : { fault: read.fault };
}

function readSpan(field: HyperField, part: string): Variation {
  const match = span.exec(part);
  if (match === null) return { fault: `Cannot read the range ${part}` };
  const [from, to, by] = [Number(match[1]), Number(match[2]), match[3] === undefined ? undefined : Number(match[3])];
  const isLog = /\blog\b/.test(part) || (field.type === 'log' && by === undefined);
  const wanted = match[4] === undefined ? undefined : Number(match[4]);
  if (![from, to, by ?? 1].every(Number.isFinite) || to <= from) return { fault: `Cannot read the range ${part}` };
  if (by !== undefined && by <= 0) return { fault: `The step of ${part} must be above 0` };
  if (isLog && from <= 0) return { fault: `A logarithmic range starts above 0, found ${valueText(from)}` };
  const step = by ?? (field.type === 'integer' ? 1 : undefined);
  const n = wanted ?? (isLog ? Math.round(Math.log10(to / from)) + 1 : step === undefined ? 5 : Math.floor((to - from) / step + 1e-9) + 1);
  if (n < 2 || n > most) return { fault: `A range gives 2 to ${most} values, ${part} gives ${n}` };
  const values: HyperValue[] = [];
  for (let index = 0; index < n; index++) {
    const share = index / (n - 1);
    const raw = isLog
      ? from * (to / from) ** share
      : wanted === undefined && step !== undefined
        ? from + index * step
        : from + (to - from) * share;
    // Six digits: what a person would have typed, not 0.30000000000000004.
    const read = readOne(field, String(field.type === 'integer' ? Math.round(raw) : Number(raw.toPrecision(6))));
    if (read.fault !== undefined) return read;
    values.push(...read.values);
  }
  return { values };
}

/** The list as it stands in the box. */
export const variationText = (values: readonly HyperValue[]): string => values.map(valueText).join(', ');
