/**
 * Python literals as values: numbers, strings, True, False, None, lists, tuples and dicts. Nothing is evaluated. Used for the
 * header of `.npy` files and for metadata lines that are Python dicts instead of JSON.
 */
export type PythonLiteral = number | bigint | string | boolean | null | readonly PythonLiteral[] | ReadonlyMap<string, PythonLiteral>;

/** Nesting accepted before a text is refused; real headers nest twice. */
const deepest = 32;

/** Not a literal this reader accepts; `position` is the offset in the text. */
export class LiteralError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = 'LiteralError';
    this.position = position;
  }
}

/** Reads one literal; only white space may follow it. Throws {@link LiteralError}. */
export function parsePythonLiteral(text: string): PythonLiteral {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at < text.length) throw new LiteralError('text after the end of the value', reader.at);
  return value;
}

class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  space(): void {
    while (this.at < this.#text.length && ' \t\r\n'.includes(this.#text[this.at]!)) this.at++;
  }

  value(depth: number): PythonLiteral {
    if (depth > deepest) throw new LiteralError('nested too deeply', this.at);
    this.space();
    const next = this.#text[this.at];
    if (next === undefined) throw new LiteralError('the text ends where a value should be', this.at);
    if (next === '{') return this.#dict(depth);
    if (next === '[') return this.#sequence(']', depth);
    if (next === '(') return this.#sequence(')', depth);
    if (next === "'" || next === '"') return this.#string();
    if ((next === 'u' || next === 'b') && (this.#text[this.at + 1] === "'" || this.#text[this.at + 1] === '"')) {
      this.at++;
      return this.#string();
    }
    return this.#word();
  }

  #sequence(close: string, depth: number): PythonLiteral {
    this.at++;
    const values: PythonLiteral[] = [];
    let commas = 0;
    for (;;) {
      this.space();
      if (this.#text[this.at] === close) {
        this.at++;
        // (5) is the number five, (5,) a tuple of one.
        return close === ')' && values.length === 1 && commas === 0 ? values[0]! : values;
      }
      if (values.length > commas) throw new LiteralError(`expected , or ${close}`, this.at);
      values.push(this.value(depth + 1));
      this.space();
      if (this.#text[this.at] === ',') {
        this.at++;
        commas++;
      }
    }
  }

  #dict(depth: number): PythonLiteral {
    this.at++;
    const entries = new Map<string, PythonLiteral>();
    let needsComma = false;
    for (;;) {
      this.space();
      if (this.#text[this.at] === '}') {
        this.at++;
        return entries;
      }
      if (needsComma) throw new LiteralError('expected , or }', this.at);
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new LiteralError('a key is not a string', this.at);
      this.space();
      if (this.#text[this.at] !== ':') throw new LiteralError('expected :', this.at);
      this.at++;
      if (entries.has(key)) throw new LiteralError(`the key ${key} is there twice`, this.at);
      entries.set(key, this.value(depth + 1));
      this.space();
      needsComma = this.#text[this.at] !== ',';
      if (!needsComma) this.at++;
    }
  }

  #string(): string {
    const quote = this.#text[this.at]!;
    this.at++;
    let result = '';
    for (;;) {
      const next = this.#text[this.at++];
      if (next === undefined) throw new LiteralError('a string does not end', this.at - 1);
      if (next === quote) return result;
      result += next === '\\' ? this.#escape() : next;
    }
  }

  #escape(): string {
    const next = this.#text[this.at++];
    const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '0': '\0', '\n': '' };
    if (next !== undefined && next in simple) return simple[next]!;
    const width = next === 'x' ? 2 : next === 'u' ? 4 : next === 'U' ? 8 : 0;
    const digits = this.#text.slice(this.at, this.at + width);
    if (width === 0 || digits.length < width || !/^[0-9a-fA-F]+$/.test(digits))
      throw new LiteralError('an escape is not understood', this.at - 1);
    const point = Number.parseInt(digits, 16);
    if (point > 0x10ffff) throw new LiteralError('an escape is not a character', this.at - 1);
    this.at += width;
    return String.fromCodePoint(point);
  }

  #word(): PythonLiteral {
    const match = /^[A-Za-z0-9_.+-]+/.exec(this.#text.slice(this.at, this.at + 64));
    if (match === null) throw new LiteralError('not a literal', this.at);
    const word = match[0];
    const start = this.at;
    this.at += word.length;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    // Python 2 wrote long integers as 7050L.
    if (/^[+-]?\d+L?$/.test(word)) {
      const digits = word.replace(/L$/, '').replace(/^\+/, '');
      const value = Number(digits);
      return Number.isSafeInteger(value) ? value : BigInt(digits);
    }
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word)) return Number(word);
    throw new LiteralError(`“${word}” is not a literal`, start);
  }
}
