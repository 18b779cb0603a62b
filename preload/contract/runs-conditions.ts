/** The conditions of a query by their places in it, for what shows and changes them one by one without writing the query anew. Pure. */
import { comparisons, printCondition, type Condition } from './runs-expression.ts';
import { conditionPlaces, parseCondition } from './runs-parser.ts';
import type { Token } from './runs-tokens.ts';

export interface WrittenCondition {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What it asks for: the value after the comparison, of a list what its brackets hold, else all of it. */
  readonly value: { readonly from: number; readonly to: number };
}

/** The conditions that must all hold, in their order; joined by "or" they are one. @throws ProblemError runs.filter with the place */
export function writtenConditions(text: string): readonly WrittenCondition[] {
  const { tokens, places } = conditionPlaces(text);
  return places.flatMap(([first, end]): readonly WrittenCondition[] => {
    const own = tokens.slice(first, end);
    const [from, to] = [own[0]!.from, own[own.length - 1]!.to];
    // Brackets around conditions that must all hold add nothing: each of these stands for itself.
    if (isBracketed(own)) {
      const inner = text.slice(from + 1, to - 1);
      const shift = (place: { readonly from: number; readonly to: number }) => ({ from: place.from + from + 1, to: place.to + from + 1 });
      if (parseCondition(inner)?.kind !== 'any')
        return writtenConditions(inner).map((each) => ({ ...each, ...shift(each), value: shift(each.value) }));
    }
    // Of several comparisons none is the one that is meant.
    const asked = own.filter(isComparison).length === 1 ? valueOf(own) : undefined;
    return [{ text: text.slice(from, to), from, to, value: asked ?? { from, to } }];
  });
}

/** The query without one of its conditions. */
export function withoutCondition(text: string, condition: WrittenCondition): string {
  return writtenConditions(text)
    .filter(({ from }) => from !== condition.from)
    .map((other) => other.text)
    .join(' and ');
}

/** The query with one more condition, which must hold beside the others. @throws ProblemError runs.filter with the place */
export function withCondition(text: string, condition: Condition): string {
  const written = parseCondition(text);
  if (written === undefined) return printCondition(condition);
  return `${written.kind === 'any' ? `(${text.trim()})` : text.trim()} and ${printCondition(condition)}`;
}

/** Whether the first of these is a bracket that the last one closes. */
function isBracketed(own: readonly Token[]): boolean {
  const isSign = (token: Token | undefined, sign: string) => token?.kind === 'sign' && token.value === sign;
  if (!isSign(own[0], '(')) return false;
  let depth = 0;
  for (const [at, token] of own.entries()) {
    if (isSign(token, '(')) depth += 1;
    if (isSign(token, ')') && --depth === 0) return at === own.length - 1;
  }
  return false;
}

const isList = ({ kind, value }: Token) => kind === 'word' && value.toLowerCase() === 'in';
const isComparison = (token: Token) => isList(token) || (token.kind === 'sign' && (comparisons as readonly string[]).includes(token.value));

function valueOf(own: readonly Token[]): WrittenCondition['value'] | undefined {
  const at = own.findIndex(isComparison);
  const [open, last] = [own[at + 1], own[own.length - 1]!];
  if (at < 1 || open === undefined) return undefined;
  const hasBrackets = isList(own[at]!) && open.kind === 'sign' && open.value === '(';
  return hasBrackets ? { from: open.to, to: last.from } : { from: open.from, to: last.to };
}
