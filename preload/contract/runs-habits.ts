/** What hands write that know other query languages: units behind a number, && and "between". Read as words to look for, each would answer another question. */
import { isMeasured } from './runs-expression.ts';
import { fieldName, runFields, type Unit } from './runs-fields.ts';
import type { Token } from './runs-tokens.ts';

/** Written behind a number; of bytes the decimal ones, as the table shows them. */
export const amounts: Readonly<Record<string, { readonly unit: Unit | '%'; readonly factor: number }>> = {
  s: { unit: 's', factor: 1 },
  min: { unit: 's', factor: 60 },
  h: { unit: 's', factor: 3600 },
  B: { unit: 'B', factor: 1 },
  kB: { unit: 'B', factor: 1e3 },
  MB: { unit: 'B', factor: 1e6 },
  GB: { unit: 'B', factor: 1e9 },
  '%': { unit: '%', factor: 0.01 },
};

export const unitOf = (field: string): Unit | undefined => runFields[fieldName(field)]?.unit;

const joins: Readonly<Record<string, string>> = { '&&': 'and', '&': 'and', '||': 'or', '|': 'or', '!': 'not' };
const verbs: Readonly<Record<string, string>> = {
  between: '>= and <=, as in seed >= 1 and seed <= 3',
  contains: '~, as in note ~ lucky',
  like: '~, as in note ~ lucky',
  matches: '~, as in note ~ lucky',
  equals: '=, as in model = egra',
};

/** What a condition begins with that belongs to another language, and what is written here; undefined where it begins as it may. */
export function misread(
  token: Token,
  next: Token | undefined,
): { readonly at: number; readonly message: string; readonly fix: string } | undefined {
  if (token.kind === 'text') return undefined;
  const join = Object.hasOwn(joins, token.value) ? joins[token.value] : undefined;
  if (join !== undefined) return { at: token.from, message: `"${token.value}" does not belong here`, fix: `Write ${join}` };
  const isField = token.kind === 'word' && (isMeasured(token.value) || Object.hasOwn(runFields, fieldName(token.value)));
  const verb = next?.kind === 'word' ? next.value.toLowerCase() : '';
  if (!isField || !Object.hasOwn(verbs, verb)) return undefined;
  return { at: next!.from, message: `"${next!.value}" is no comparison`, fix: `Write ${verbs[verb]!}; quote words to look for` };
}
