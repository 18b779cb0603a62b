/** What may come next in a query, from the words before the caret and what runs have: fields, operators, values, joints. Pure. */
import { heard } from '#renderer/locales/language.svelte.ts';
import { flags, functions, metricField, writtenField, writtenText } from '#contract/runs-expression.ts';
import { fieldName } from '#contract/runs-fields.ts';
import type { FieldInfo } from '#contract/runs-table.ts';
import { tokensOf, type Token } from '#contract/runs-tokens.ts';

export interface Completion {
  /** Written in place of the word being typed. */
  readonly insert: string;
  readonly label: string;
  /** Letters of the label that are already typed: from, to. */
  readonly typed?: readonly [number, number];
  readonly kind: 'field' | 'operator' | 'value' | 'joint';
  /** "number". */
  readonly type: string;
  /** "0.0112 to 0.1304". */
  readonly detail: string;
  readonly runs?: number;
}

export interface Completions {
  /** The part of the text that a choice replaces. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Completion[];
  /** What comes after a field: "> >= < <= = != in". */
  readonly then?: string;
}

const most = 8;
const signs = new Set(['=', '!=', '<', '<=', '>', '>=', '~', '!~']);
/** What the operators of a query mean. */
export const operatorWords = {
  '=': 'equal to',
  '!=': 'other than',
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '~': 'contains',
  '!~': 'contains not',
};
const listed = (name: string) => ({ insert: name, label: name, kind: 'operator' as const, type: 'operator', detail: '' });

export function completionsAt(text: string, caret: number, fields: readonly FieldInfo[]): Completions {
  const { before, word, from, isClosed } = split(text.slice(0, caret));
  const last = before[before.length - 1];
  const asked = valueOf(before);
  if (isClosed) return { from, to: caret, options: [] };
  if (asked !== undefined) {
    const field = fields.find(({ name }) => name === fieldName(asked));
    return { from, to: caret, options: values(field, word) };
  }
  const isField = (token: Token | undefined) => token?.kind === 'word' && fields.some(({ name }) => name === fieldName(token.value));
  if (isField(last) && !isValue(before)) {
    const field = fields.find(({ name }) => name === fieldName(last!.value))!;
    return { from, to: caret, options: operators(field).filter(({ insert }) => insert.startsWith(word)) };
  }
  const isOpen =
    last === undefined ||
    (last.kind === 'word' && ['and', 'or', 'not'].includes(last.value.toLowerCase())) ||
    isSign(last, '(', '+', '-', '*', '/', '^');
  const joints = isOpen ? [] : ['and', 'or'].filter((joint) => joint.startsWith(word.toLowerCase()));
  const options = [
    ...joints.map((joint): Completion => ({
      insert: joint,
      label: joint,
      kind: 'joint',
      type: 'joint',
      detail: joint === 'and' ? 'both hold' : 'either holds',
    })),
    ...named(fields, word),
  ];
  const first = options.find(({ kind }) => kind === 'field');
  const then =
    first === undefined
      ? undefined
      : operators(fields.find(({ name }) => name === first.label))
          .map(({ label }) => label)
          .join(' ');
  return { from, to: caret, options: options.slice(0, most), ...(then === undefined || then === '' ? {} : { then }) };
}

/** The whole words before the caret, and the one being typed. */
function split(text: string): { before: readonly Token[]; word: string; from: number; isClosed?: boolean } {
  let tokens: Token[];
  try {
    tokens = tokensOf(text, 'filter');
  } catch {
    // A quote is open: what stands after it is the value being typed.
    const quote = Math.max(text.lastIndexOf('"'), text.lastIndexOf("'"));
    return { before: safely(text.slice(0, quote)), word: text.slice(quote + 1), from: quote };
  }
  const last = tokens[tokens.length - 1];
  // A quoted text that is closed is done.
  if (last !== undefined && last.to === text.length && last.kind !== 'sign')
    return { before: tokens.slice(0, -1), word: last.value, from: last.from, isClosed: last.kind === 'text' };
  return { before: tokens, word: '', from: text.length };
}

function safely(text: string): readonly Token[] {
  try {
    return tokensOf(text, 'filter');
  } catch {
    return [];
  }
}

const isSign = (token: Token | undefined, ...which: readonly string[]) => token?.kind === 'sign' && which.includes(token.value);
const isWord = (token: Token | undefined, word: string) => token?.kind === 'word' && token.value.toLowerCase() === word;

/** The field whose value is being written: after a comparison, or within the brackets of in. */
function valueOf(before: readonly Token[]): string | undefined {
  const last = before[before.length - 1];
  if (last === undefined) return undefined;
  if (last.kind === 'sign' && signs.has(last.value)) return before[before.length - 2]?.value;
  for (let at = before.length - 1; at > 0; at--) {
    const token = before[at]!;
    if (isSign(token, ')')) return undefined;
    if (isSign(token, '(') || isWord(token, 'in')) {
      const open = isSign(token, '(') ? at - 1 : at;
      if (!isWord(before[open], 'in')) return undefined;
      // A closed value is followed by a comma or the bracket.
      if (at < before.length - 1 && !isSign(last, ',')) return undefined;
      const field = isWord(before[open - 1], 'not') ? before[open - 2] : before[open - 1];
      return field?.value;
    }
    if (token.kind === 'sign' && token.value !== ',') return undefined;
  }
  return undefined;
}

/** Whether the last word stands as a value and not as a field. */
function isValue(before: readonly Token[]): boolean {
  const sign = before[before.length - 2];
  return (
    sign?.kind === 'sign' &&
    (signs.has(sign.value) || sign.value === ',' || sign.value === '(') &&
    valueOf(before.slice(0, -1)) !== undefined
  );
}

function operators(field: FieldInfo | undefined): Completion[] {
  if (field === undefined) return [];
  const isText = field.type === 'text';
  const own = isText ? (['=', '!=', '~', '!~'] as const) : (['>', '>=', '<', '<=', '=', '!='] as const);
  return [
    ...own.map((sign): Completion => ({ insert: sign, label: sign, kind: 'operator', type: 'operator', detail: operatorWords[sign] })),
    { ...listed('in'), insert: 'in (', detail: 'one of several' },
    { ...listed('is missing'), detail: 'has no value' },
  ];
}

function values(field: FieldInfo | undefined, word: string): readonly Completion[] {
  const typed = word.toLowerCase();
  // What is written in full needs no completion.
  const found = (field?.values ?? []).filter(({ value }) => value.toLowerCase().includes(typed) && value.toLowerCase() !== typed);
  return found.slice(0, most).map(({ value, runs }): Completion => {
    const at = value.toLowerCase().indexOf(typed);
    const insert = field?.type !== 'text' && Number.isFinite(Number(value)) ? value : writtenText(value);
    return {
      insert,
      label: value,
      typed: [at, at + typed.length],
      kind: 'value',
      type: 'value',
      detail: '',
      ...(runs > 0 ? { runs } : {}),
    };
  });
}

const short = (value: number) => (Number.isInteger(value) ? String(value) : Number(value.toPrecision(4)).toString());

function named(fields: readonly FieldInfo[], word: string): Completion[] {
  const typed = word.toLowerCase();
  const ranked = fields
    .map((field) => ({ field, at: field.name.toLowerCase().indexOf(typed) }))
    .filter(({ at, field }) => at >= 0 && field.name.toLowerCase() !== typed && !(flags as readonly string[]).includes(field.name))
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0) || order(a.field) - order(b.field));
  const options = ranked.slice(0, most).map(({ field, at }): Completion => ({
    insert: writtenField(field.name),
    label: field.name,
    typed: [at, at + typed.length],
    kind: 'field',
    type: field.type === 'any' ? 'number' : field.type,
    detail: field.low === undefined || field.high === undefined ? heard(field.says) : `${short(field.low)} to ${short(field.high)}`,
    ...(field.runs > 0 ? { runs: field.runs } : {}),
  }));
  const stated = flags.filter((flag) => typed !== '' && flag.startsWith(typed) && flag !== typed);
  const called = Object.entries(functions).filter(([name]) => typed.length > 1 && name.startsWith(typed) && name !== typed);
  return [
    ...stated.map((flag): Completion => ({
      insert: flag,
      label: flag,
      typed: [0, typed.length],
      kind: 'field',
      type: 'state',
      detail: `only ${flag} runs`,
    })),
    ...options,
    ...called.map(([name, { says }]): Completion => ({
      insert: `${name}(`,
      label: name,
      typed: [0, typed.length],
      kind: 'field',
      type: 'function',
      detail: says,
    })),
  ];
}

/** Metrics people look at first, then what a run is, then settings. */
function order(field: FieldInfo): number {
  if (metricField.test(field.name)) return /^val\.(?:recall|ndcg)@20$/.test(field.name) ? 1 : field.name.startsWith('val.') ? 3 : 6;
  return field.group === 'run' ? 2 : field.group === 'own' ? 4 : 5;
}
