/** Values as Python prints them, read as data: nothing is evaluated. */
import type { RawValue } from '../log-format.ts';
import { exactNumber } from './exact-number.ts';

/** A number, True and False, a text without its quotes; anything else stays as it is printed. */
export function pythonValue(text: string): RawValue {
  const word = text.trim();
  if (word === 'True') return true;
  if (word === 'False') return false;
  const number = exactNumber(word);
  if (number !== undefined) return number;
  const quoted = /^(['"])(.*)\1$/s.exec(word);
  return quoted === null ? word : quoted[2]!;
}

/** The parts of a printed list or tuple, "['seed', 'lr']" or "(999, [1, 2])"; undefined for anything else. */
export function pythonItems(text: string): string[] | undefined {
  const inside = /^\s*[[(](.*)[\])]\s*$/s.exec(text)?.[1];
  if (inside === undefined) return undefined;
  const items: string[] = [];
  let depth = 0;
  let quote: string | undefined;
  let item = '';
  for (const sign of inside) {
    if (quote !== undefined) quote = sign === quote ? undefined : quote;
    else if (sign === "'" || sign === '"') quote = sign;
    else if ('[({'.includes(sign)) depth += 1;
    else if ('])}'.includes(sign)) depth -= 1;
    if (sign === ',' && depth === 0 && quote === undefined) {
      items.push(item.trim());
      item = '';
    } else item += sign;
  }
  if (item.trim() !== '') items.push(item.trim());
  return items;
}
