/**
 * The language of the runs table as a tree: conditions over runs, and the formulas they may compare. One language serves the query bar,
 * saved views, formula columns, exports and the command line. Parsed in runs-parser.ts; nothing here is ever run as code.
 */

/** `at` is the place in the text, from 0. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'field'; readonly name: string; readonly at: number }
  | { readonly kind: 'negated'; readonly of: Expression; readonly at: number }
  | { readonly kind: 'binary'; readonly sign: Sign; readonly left: Expression; readonly right: Expression; readonly at: number }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: readonly Expression[]; readonly at: number };

export type Sign = '+' | '-' | '*' | '/' | '^';

/** Functions by name, with how many values they take; a missing value gives a missing one. */
export const functions = {
  abs: { least: 1, most: 1, says: 'distance from 0' },
  sqrt: { least: 1, most: 1, says: 'square root' },
  ln: { least: 1, most: 1, says: 'natural logarithm' },
  log10: { least: 1, most: 1, says: 'logarithm of base 10' },
  exp: { least: 1, most: 1, says: 'e to the power of' },
  round: { least: 1, most: 2, says: 'rounded, to so many decimals' },
  min: { least: 2, most: 8, says: 'smallest of' },
  max: { least: 2, most: 8, says: 'largest of' },
} as const;
export type FunctionName = keyof typeof functions;

export const comparisons = ['=', '!=', '<', '<=', '>', '>=', '~', '!~'] as const;
export type Comparison = (typeof comparisons)[number];

/** Words that stand for a state of affairs by themselves. */
export const flags = ['starred', 'trashed', 'archived', 'locked'] as const;
export type Flag = (typeof flags)[number];

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[]; readonly at: number }
  | { readonly kind: 'not'; readonly of: Condition; readonly at: number }
  | {
      readonly kind: 'compare';
      readonly left: Expression;
      readonly operator: Comparison;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'among';
      readonly field: string;
      readonly values: readonly (string | number)[];
      readonly isNot: boolean;
      readonly at: number;
    }
  | { readonly kind: 'missing'; readonly of: Expression; readonly at: number }
  | { readonly kind: 'flag'; readonly name: Flag; readonly at: number }
  /** Looked for in names, settings, notes and tags. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number };

const keywords = new Set<string>(['and', 'or', 'not', 'in', 'is', ...flags]);
const plain = /^[A-Za-z_][\w.@]*(?:-[\w.@]+)*$/;
/** `val.recall@20` and its sisters: fields wherever they stand, also on the right of a comparison. */
export const metricField = /^(?:val|last|min|max|test)\.[a-z]+@\d+$/;
/** A metric of an imported log under its own name: `log.hit@10`, or in quotes where a word would end: `log."valid/hit@10"`. */
const logField = /^log\../s;
export const isMeasured = (name: string): boolean => metricField.test(name) || logField.test(name);

/** What a field holds of a run's results. */
export interface Measured {
  /** How the series over epochs is read (`val`: as the table reads it), the one test, or an imported log. */
  readonly part: 'val' | 'last' | 'min' | 'max' | 'test' | 'log';
  /** "recall@20"; of a log whatever it calls it. */
  readonly key: string;
}

/** Undefined for fields of other kinds. */
export function measuredOf(field: string): Measured | undefined {
  const [, part, key] = /^(val|last|min|max|test|log)\.(.+)$/s.exec(field) ?? [];
  return part === undefined || key === undefined ? undefined : { part: part as Measured['part'], key };
}

/** The metric that a field holds; undefined for other fields, and for what a log calls its own. */
export function metricKeyOf(field: string): string | undefined {
  const measured = measuredOf(field);
  return measured === undefined || measured.part === 'log' ? undefined : measured.key;
}

const quote = (text: string): string => `"${text.replace(/[\\"]/g, (sign) => `\\${sign}`)}"`;
const isPlain = (text: string): boolean => plain.test(text) && !keywords.has(text.toLowerCase()) && !isMeasured(text);
/** A text as it is written in a query: quoted where it would be read as something else. */
export const writtenText = (text: string): string => (isPlain(text) && !Object.hasOwn(functions, text) ? text : quote(text));
/** A field as it is written in a query. */
export const writtenField = (name: string): string => (logField.test(name) && !plain.test(name) ? `log.${quote(name.slice(4))}` : name);
const writtenValue = (value: string | number): string => (typeof value === 'number' ? String(value) : writtenText(value));

const strength: Readonly<Record<Sign, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 };

/** The text that parses to this expression. */
export function printExpression(expression: Expression, outer = 0): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'text':
      return quote(expression.value);
    case 'field':
      return writtenField(expression.name);
    case 'negated':
      return `-(${printExpression(expression.of)})`;
    case 'call':
      return `${expression.name}(${expression.of.map((part) => printExpression(part)).join(', ')})`;
    case 'binary': {
      const own = strength[expression.sign];
      // Powers group from the right, all others from the left.
      const [left, right] = expression.sign === '^' ? [own + 1, own] : [own, own + 1];
      const text = `${printExpression(expression.left, left)} ${expression.sign} ${printExpression(expression.right, right)}`;
      return own < outer ? `(${text})` : text;
    }
  }
}

/** The text that parses to this condition. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.map((part) => (part.kind === 'any' ? `(${printCondition(part)})` : printCondition(part))).join(' and ');
    case 'any':
      return condition.of.map(printCondition).join(' or ');
    case 'not':
      return `not ${['all', 'any'].includes(condition.of.kind) ? `(${printCondition(condition.of)})` : printCondition(condition.of)}`;
    case 'compare':
      return `${printExpression(condition.left)} ${condition.operator} ${printedRight(condition.right)}`;
    case 'among':
      return `${writtenField(condition.field)} ${condition.isNot ? 'not in' : 'in'} (${condition.values.map(writtenValue).join(', ')})`;
    case 'missing':
      return `${printExpression(condition.of)} is missing`;
    case 'flag':
      return condition.name;
    case 'word':
      return writtenText(condition.text);
  }
}

/** On the right a bare name is a text, so a field that is no metric stands in brackets. */
function printedRight(right: Expression): string {
  if (right.kind === 'text') return writtenText(right.value);
  return right.kind === 'field' && !isMeasured(right.name) ? `(${right.name})` : printExpression(right);
}

/** Fields an expression or a condition reads, with where they stand. */
export function fieldsOf(part: Expression | Condition): { readonly name: string; readonly at: number }[] {
  switch (part.kind) {
    case 'field':
      return [{ name: part.name, at: part.at }];
    case 'among':
      return [{ name: part.field, at: part.at }];
    case 'negated':
    case 'not':
    case 'missing':
      return fieldsOf(part.of);
    case 'binary':
    case 'compare':
      return [...fieldsOf(part.left), ...fieldsOf(part.right)];
    case 'call':
    case 'all':
    case 'any':
      return part.of.flatMap(fieldsOf);
    case 'number':
    case 'text':
    case 'flag':
    case 'word':
      return [];
  }
}

/** Whether a condition speaks of trash, archive or another flag, anywhere in it. */
export function mentions(condition: Condition, flag: Flag): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some((part) => mentions(part, flag));
    case 'not':
      return mentions(condition.of, flag);
    case 'flag':
      return condition.name === flag;
    default:
      return false;
  }
}
