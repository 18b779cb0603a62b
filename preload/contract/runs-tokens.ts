/** Words, numbers and signs of the language of the runs table, each with its place in the text. */
import { ProblemError } from './problem.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign';
  /** As meant: a quoted text without its quotes. */
  readonly value: string;
  readonly from: number;
  /** Place after the token. */
  readonly to: number;
}

/** What a text is part of, for its errors: a query or the formula of a column. */
export type Language = 'filter' | 'formula';

const number = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;
const signs = /^(?:!=|<=|>=|!~|[=<>~(),+*/^])/;
/** A run of letters, digits and what names, versions and dates are written with; a hyphen only inside. */
const word = /^(?:-?\.?\d[^\s()=<>~!,"'+*/^]*|[^\s()=<>~!,"'+*/^-][^\s()=<>~!,"'+*/^]*)/;
/** A number with a signed exponent would otherwise end at its sign. */
const longNumber = /^-?(?:\d+(?:\.\d+)?|\.\d+)e[+-]\d+(?![\w.])/i;

/** @throws ProblemError runs.filter or runs.formula for a text that is not closed */
export function tokensOf(text: string, language: Language): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = tokenAt(text, at, language);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(text: string, from: number, language: Language): Token {
  const rest = text.slice(from);
  if (rest[0] === '"' || rest[0] === "'") return quoted(text, from, language);
  if (rest.startsWith('log."')) {
    const name = quoted(text, from + 4, language);
    return { kind: 'word', value: `log.${name.value}`, from, to: name.to };
  }
  const sign = signs.exec(rest)?.[0];
  if (sign !== undefined) return { kind: 'sign', value: sign, from, to: from + sign.length };
  const found = longNumber.exec(rest)?.[0] ?? word.exec(rest)?.[0];
  if (found === undefined) return { kind: 'sign', value: rest[0]!, from, to: from + 1 };
  return { kind: number.test(found) ? 'number' : 'word', value: found, from, to: from + found.length };
}

function quoted(text: string, from: number, language: Language): Token {
  const quote = text[from];
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === quote) return { kind: 'text', value, from, to: at + 1 };
    if (text[at] === '\\' && at + 1 < text.length) at++;
    value += text[at]!;
  }
  throw unreadable({ text, language, at: from, message: 'A quoted text has no end', fix: `Close it with ${quote}` });
}

/** A problem that names the place: `filter, character 18`. */
export function unreadable(fault: {
  readonly text: string;
  readonly language: Language;
  readonly at: number;
  readonly message: string;
  readonly fix: string;
}): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: `runs.${fault.language}`,
    message: fault.message,
    where: `${fault.language}, character ${fault.at + 1}`,
    values: { [fault.language]: fault.text, position: fault.at },
    fix: fault.fix,
  });
}
