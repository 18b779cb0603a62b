/**
 * Reads the language of the runs table by recursive descent: `dataset in (Demo, TikTok) and status != stopped and
 * val.recall@20 / secondsPerEpoch > 0.01 and "cold start"`. Words side by side are all looked for. Errors name the place.
 */
import { runStates } from './run.ts';
import {
  comparisons,
  flags,
  functions,
  isMeasured,
  type Comparison,
  type Condition,
  type Expression,
  type Flag,
  type FunctionName,
  type Sign,
} from './runs-expression.ts';
import { amounts, misread, unitOf } from './runs-habits.ts';
import { tokensOf, unreadable, type Language, type Token } from './runs-tokens.ts';

/** What a query asks for; nothing written asks for nothing. @throws ProblemError runs.filter with the place */
export function parseCondition(text: string): Condition | undefined {
  return new Parser(text, 'filter').condition();
}

/** The tokens of a query, and which of them are each condition that must hold: from, to. Joined by "or" they are one. @throws ProblemError runs.filter */
export function conditionPlaces(text: string): {
  readonly tokens: readonly Token[];
  readonly places: readonly (readonly [number, number])[];
} {
  return new Parser(text, 'filter').places();
}

/** The formula of a column or an order. @throws ProblemError runs.formula with the place */
export function parseFormula(text: string): Expression {
  return new Parser(text, 'formula').formula();
}

/** What is meant by two signs that are none together. */
function fixOf(first: string, second: string): string {
  if (second === '=') return 'Write = once';
  return first === '=' ? 'Write >=' : 'Write !=';
}

/** Brackets and signs within one another; more is no query a person wrote. */
const deepest = 60;

class Parser {
  readonly #text: string;
  readonly #language: Language;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  /** Alternatives of the query itself, each with the tokens of its conditions: from, to. */
  readonly #alternatives: (readonly [number, number])[][] = [];

  constructor(text: string, language: Language) {
    this.#text = text;
    this.#language = language;
    this.#tokens = tokensOf(text, language);
  }

  condition(): Condition | undefined {
    if (this.#tokens.length === 0) return undefined;
    const found = this.#any();
    const left = this.#peek();
    if (left !== undefined)
      throw this.#fault(left.from, `"${left.value}" does not belong here`, 'Join conditions with and, or; quote words that hold signs');
    return found;
  }

  places(): ReturnType<typeof conditionPlaces> {
    this.condition();
    const [only = [], ...others] = this.#alternatives;
    return { tokens: this.#tokens, places: others.length > 0 ? [[0, this.#tokens.length]] : only };
  }

  formula(): Expression {
    const found = this.#sum();
    const left = this.#peek();
    if (left !== undefined) throw this.#fault(left.from, `"${left.value}" does not belong here`, 'Join values with + - * / or ^');
    return found;
  }

  #fault(at: number, message: string, fix: string) {
    return unreadable({ text: this.#text, language: this.#language, at, message, fix });
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  get #end(): number {
    return this.#peek()?.from ?? this.#text.length;
  }

  #isWord(word: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token?.kind === 'word' && token.value.toLowerCase() === word;
  }

  #isSign(...signs: readonly string[]): boolean {
    const token = this.#peek();
    return token?.kind === 'sign' && signs.includes(token.value);
  }

  #within<T>(work: () => T): T {
    if (++this.#depth > deepest) throw this.#fault(this.#end, 'Too many brackets within one another', 'Write it in fewer steps');
    const result = work();
    this.#depth--;
    return result;
  }

  #any(): Condition {
    const at = this.#end;
    const of = [this.#all()];
    while (this.#isWord('or')) {
      this.#next++;
      of.push(this.#all());
    }
    return of.length === 1 ? of[0]! : { kind: 'any', of, at };
  }

  #all(): Condition {
    const at = this.#end;
    const places: (readonly [number, number])[] = [];
    if (this.#depth === 0) this.#alternatives.push(places);
    const of: Condition[] = [];
    do {
      if (of.length > 0 && this.#isWord('and')) this.#next++;
      const first = this.#next;
      of.push(this.#not());
      places.push([first, this.#next]);
    } while (this.#peek() !== undefined && !this.#isWord('or') && !this.#isSign(')'));
    return of.length === 1 ? of[0]! : { kind: 'all', of, at };
  }

  #not(): Condition {
    const token = this.#peek();
    if (token === undefined || this.#isWord('and') || this.#isWord('or'))
      throw this.#fault(this.#end, 'A condition is missing', 'Write one, such as model = egra, or leave the last word out');
    if (!this.#isWord('not')) return this.#atom();
    this.#next++;
    return { kind: 'not', of: this.#within(() => this.#not()), at: token.from };
  }

  #atom(): Condition {
    const token = this.#peek()!;
    const before = this.#next;
    const habit = misread(token, this.#peek(1));
    if (habit !== undefined) throw this.#fault(habit.at, habit.message, habit.fix);
    if (this.#isSign('(')) {
      const inner = this.#bracketed();
      if (inner !== undefined) return inner;
      this.#next = before;
    }
    if (token.kind === 'text') {
      this.#next++;
      return { kind: 'word', text: token.value, at: token.from };
    }
    const flag = flags.find((known) => this.#isWord(known));
    if (flag !== undefined && !this.#comparesAfter(1)) {
      this.#next++;
      return { kind: 'flag', name: flag as Flag, at: token.from };
    }
    // A word that nothing is said of is looked for.
    if ((token.kind === 'word' || token.kind === 'number') && !this.#comparesAfter(1) && !this.#calculatesAfter(1)) {
      this.#next++;
      return { kind: 'word', text: token.value, at: token.from };
    }
    return this.#comparison();
  }

  /** Brackets around conditions; undefined where they turn out to hold a formula that is compared. */
  #bracketed(): Condition | undefined {
    const open = this.#peek()!;
    let depth = 0;
    for (let ahead = this.#next; ahead < this.#tokens.length; ahead++) {
      const { kind, value } = this.#tokens[ahead]!;
      if (kind === 'sign' && value === '(') depth++;
      if (kind === 'sign' && value === ')' && --depth === 0) {
        if (this.#comparesAfter(ahead + 1 - this.#next) || this.#calculatesAfter(ahead + 1 - this.#next)) return undefined;
        this.#next++;
        const inner = this.#within(() => this.#any());
        if (!this.#isSign(')')) throw this.#fault(this.#end, 'A bracket is not closed here', 'Write ) after the last condition in it');
        this.#next++;
        return inner;
      }
    }
    throw this.#fault(open.from, 'This bracket is not closed', 'Write ) after the last condition in it');
  }

  #comparesAfter(ahead: number): boolean {
    const token = this.#peek(ahead);
    if (token?.kind === 'sign') return (comparisons as readonly string[]).includes(token.value);
    return this.#isWord('in', ahead) || this.#isWord('is', ahead) || (this.#isWord('not', ahead) && this.#isWord('in', ahead + 1));
  }

  #calculatesAfter(ahead: number): boolean {
    const token = this.#peek(ahead);
    if (token?.kind !== 'sign') return false;
    const before = this.#peek(ahead - 1);
    if (token.value === '(') return before?.kind === 'word' && before.to === token.from;
    return ['+', '-', '*', '/', '^'].includes(token.value);
  }

  #comparison(): Condition {
    const at = this.#end;
    const left = this.#sum();
    if (this.#isWord('is')) {
      this.#next++;
      const isNot = this.#isWord('not') || this.#isWord('present');
      if (this.#isWord('not')) this.#next++;
      if (!this.#isWord('missing') && !this.#isWord('present'))
        throw this.#fault(this.#end, '"is" goes with missing or present', 'Write is missing, or = before a value');
      this.#next++;
      const missing: Condition = { kind: 'missing', of: left, at };
      return isNot ? { kind: 'not', of: missing, at } : missing;
    }
    const isNot = this.#isWord('not');
    if (isNot || this.#isWord('in')) return this.#among(left, at, isNot);
    const sign = this.#peek();
    if (sign?.kind !== 'sign' || !(comparisons as readonly string[]).includes(sign.value))
      throw this.#fault(
        this.#end,
        'A value is calculated but not compared',
        'Write a comparison after it, such as > 0.1; quote words that hold signs',
      );
    this.#next++;
    const second = this.#peek();
    if (second?.kind === 'sign' && ['=', '>'].includes(second.value) && second.from === sign.to)
      throw this.#fault(sign.from, `There is no sign ${sign.value}${second.value}`, fixOf(sign.value, second.value));
    const operator = sign.value as Comparison;
    const right = this.#amount(left, this.#right(left, sign));
    if (left.kind === 'text')
      throw this.#fault(left.at, 'A quoted text stands where a field belongs', 'Write the field first: tag = "two words"');
    this.#checkState(left, right);
    return { kind: 'compare', left, operator, right, at };
  }

  /** On the right a bare name is a text, unless it is a metric. */
  #right(left: Expression, sign: Token): Expression {
    const first = this.#peek();
    const name = left.kind === 'field' ? left.name : 'the value';
    if (first === undefined || this.#isWord('and') || this.#isWord('or') || this.#isSign(')'))
      throw this.#fault(sign.from, `"${name} ${sign.value}" has no value`, 'Write a value after it, such as 0.1 or egra');
    if (first.kind === 'text') {
      this.#next++;
      return { kind: 'text', value: first.value, at: first.from };
    }
    if (first.kind === 'word' && !isMeasured(first.value) && !this.#calculatesAfter(1)) {
      this.#next++;
      return { kind: 'text', value: first.value, at: first.from };
    }
    return this.#sum();
  }

  /** `200 MB` and `2 min` of a field in bytes or seconds; a unit elsewhere would else be a word to look for, and the answer another one. */
  #amount(left: Expression, right: Expression): Expression {
    const token = this.#peek();
    if (right.kind !== 'number' || token?.kind !== 'word' || !Object.hasOwn(amounts, token.value) || this.#comparesAfter(1)) return right;
    const { unit, factor } = amounts[token.value]!;
    const name = left.kind === 'field' ? left.name : 'the value';
    if (left.kind !== 'field' || unitOf(left.name) !== unit)
      throw this.#fault(
        token.from,
        `${name} is not counted in ${token.value}`,
        'Write the number alone; of a moment a day such as 2026-11-21',
      );
    this.#next++;
    return { ...right, value: right.value * factor };
  }

  #among(left: Expression, at: number, isNot: boolean): Condition {
    this.#next += isNot ? 2 : 1;
    if (left.kind !== 'field') throw this.#fault(left.at, '"in" goes with a field', 'Write dataset in (Demo, Baby)');
    const values: (string | number)[] = [];
    const hasBrackets = this.#isSign('(');
    if (hasBrackets) this.#next++;
    do {
      if (values.length > 0) this.#next++;
      const token = this.#peek();
      if (token === undefined || token.kind === 'sign')
        throw this.#fault(this.#end, `"${left.name} in" has no value`, `Write ${left.name} in (one, two)`);
      this.#next++;
      values.push(token.kind === 'number' ? Number(token.value) : token.value);
      this.#checkState(left, { kind: 'text', value: token.value, at: token.from });
    } while (hasBrackets && this.#isSign(','));
    if (hasBrackets) {
      if (!this.#isSign(')')) throw this.#fault(this.#end, 'The list is not closed', 'Put commas between its values and ) after them');
      this.#next++;
    }
    return { kind: 'among', field: left.name, values, isNot, at };
  }

  #checkState(left: Expression, right: Expression): void {
    if (left.kind !== 'field' || (left.name !== 'state' && left.name !== 'status') || right.kind !== 'text') return;
    if ((runStates as readonly string[]).includes(right.value.toLowerCase())) return;
    throw this.#fault(right.at, `"${right.value}" is no state of a run`, `Known: ${runStates.join(', ')}`);
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const token = this.#peek();
      // "a -1" is a difference although "-1" reads as a number.
      if (token?.kind === 'number' && token.value.startsWith('-')) {
        this.#next++;
        const right: Expression = { kind: 'number', value: -Number(token.value), at: token.from + 1 };
        left = { kind: 'binary', sign: '-', left, right, at: token.from };
      } else if (this.#isSign('+', '-')) left = this.#joined(left, () => this.#product());
      else return left;
    }
  }

  #product(): Expression {
    let left = this.#power();
    while (this.#isSign('*', '/')) left = this.#joined(left, () => this.#power());
    return left;
  }

  #power(): Expression {
    const base = this.#value();
    return this.#isSign('^') ? this.#joined(base, () => this.#within(() => this.#power())) : base;
  }

  #joined(left: Expression, rest: () => Expression): Expression {
    const { value, from } = this.#peek()!;
    this.#next++;
    return { kind: 'binary', sign: value as Sign, left, right: rest(), at: from };
  }

  #callOf(token: Token | undefined): FunctionName | undefined {
    return token?.kind === 'word' && Object.hasOwn(functions, token.value) ? (token.value as FunctionName) : undefined;
  }

  #value(): Expression {
    const token = this.#peek();
    if (token === undefined) throw this.#fault(this.#text.length, 'A value is missing', 'Write a field such as val.recall@20, or a number');
    const at = token.from;
    this.#next++;
    if (token.kind === 'number') return { kind: 'number', value: Number(token.value), at };
    if (token.kind === 'text') return { kind: 'text', value: token.value, at };
    if (token.kind === 'word') {
      if (this.#isSign('(')) return this.#call(token);
      return { kind: 'field', name: token.value, at };
    }
    if (token.value === '-') return { kind: 'negated', of: this.#within(() => this.#value()), at };
    if (token.value === '(') {
      const inner = this.#within(() => this.#sum());
      if (!this.#isSign(')')) throw this.#fault(this.#end, 'A bracket is not closed here', 'Write ) after the last value in it');
      this.#next++;
      return inner;
    }
    throw this.#fault(at, `"${token.value}" stands where a value belongs`, 'Write a field such as val.recall@20, or a number');
  }

  #call(word: Token): Expression {
    const name = this.#callOf(word);
    if (name === undefined)
      throw this.#fault(
        word.from,
        `There is no function ${word.value}`,
        `Known: ${Object.keys(functions).join(', ')}. Quote words that hold signs`,
      );
    this.#next++;
    const of = [this.#within(() => this.#sum())];
    while (this.#isSign(',')) {
      this.#next++;
      of.push(this.#within(() => this.#sum()));
    }
    if (!this.#isSign(')')) throw this.#fault(this.#end, 'A bracket is not closed here', `Write ) after the values of ${name}`);
    this.#next++;
    const { least, most } = functions[name];
    if (of.length < least || of.length > most)
      throw this.#fault(
        word.from,
        `${name} takes ${least === most ? least : `${least} to ${most}`} values, not ${of.length}`,
        `${name} is the ${functions[name].says}`,
      );
    return { kind: 'call', name, of, at: word.from };
  }
}
