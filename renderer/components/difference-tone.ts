import { signed } from '#renderer/locales/format.ts';

/** Whether a difference is for the better: what reads 0 is neither. */
export function toneOf(value: number, digits = 4): 'ok' | 'bad' | undefined {
  if (signed(value, digits) === '0') return undefined;
  return value > 0 ? 'ok' : 'bad';
}
