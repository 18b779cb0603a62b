/** What a command says on stdout: lines that are JSON objects with an "epoch" report, every other line is console. Pure. */

/** An epoch as a command reports it. */
export interface ReportedEpoch {
  readonly kind: 'epoch';
  /** From 1, rising. */
  readonly epoch: number;
  readonly loss?: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly learningRate?: number;
  /** Folder below the output folder with what is to be scored. */
  readonly output?: string;
}

export type Said =
  | ReportedEpoch
  | { readonly kind: 'console'; readonly text: string }
  /** It looks like a report and is none; the reason is said beside it in the console. */
  | { readonly kind: 'malformed'; readonly text: string; readonly reason: string }
  /** A number that is not finite: the training diverged. */
  | { readonly kind: 'diverged'; readonly epoch: number; readonly term: string };

const known = new Set(['epoch', 'loss', 'terms', 'learning_rate', 'output']);

/** Reads one line. `after` is the last epoch reported; the next must be larger. */
export function readLine(line: string, after: number): Said {
  const text = line.trimEnd();
  if (!/^\s*\{.*\}\s*$/.test(text) || !text.includes('"epoch"')) return { kind: 'console', text };
  const malformed = (reason: string): Said => ({ kind: 'malformed', text, reason });
  let value: unknown;
  try {
    // Python writes NaN and Infinity, which JSON does not know.
    value = JSON.parse(text.replace(/(?<=[:[,]\s*)(-?Infinity|NaN)\b/g, '"$1"'));
  } catch {
    return malformed('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || !('epoch' in value)) return { kind: 'console', text };
  const { epoch, loss, terms = {}, learning_rate: rate, output } = value as Record<string, unknown>;
  if (typeof epoch !== 'number' || !Number.isInteger(epoch) || epoch < 1) return malformed('"epoch" must be a whole number from 1');
  if (epoch <= after) return malformed(`"epoch" must rise, and epoch ${after} was reported before`);
  if (typeof terms !== 'object' || terms === null || Array.isArray(terms)) return malformed('"terms" must be an object of numbers');
  const numbers: [string, unknown][] = [...(loss === undefined ? [] : [['loss', loss] as [string, unknown]]), ...Object.entries(terms)];
  for (const [name, found] of numbers) {
    if (found === 'NaN' || found === 'Infinity' || found === '-Infinity') return { kind: 'diverged', epoch, term: name };
    if (typeof found !== 'number' || !Number.isFinite(found)) return malformed(`"${name}" must be a number`);
  }
  if (rate !== undefined && (typeof rate !== 'number' || !Number.isFinite(rate))) return malformed('"learning_rate" must be a number');
  if (output !== undefined && (typeof output !== 'string' || !isBelow(output)))
    return malformed('"output" must name a folder below the output folder, such as "epoch-1"');
  const unknown = Object.keys(value).find((key) => !known.has(key));
  if (unknown !== undefined) return malformed(`"${unknown}" is not known; known are ${[...known].join(', ')}`);
  return {
    kind: 'epoch',
    epoch,
    terms: terms as Record<string, number>,
    ...(loss === undefined ? {} : { loss: loss as number }),
    ...(rate === undefined ? {} : { learningRate: rate }),
    ...(output === undefined ? {} : { output }),
  };
}

/** One folder below another, by name alone: no way up, nothing hidden. */
function isBelow(name: string): boolean {
  return /^[\w-][\w.-]{0,99}$/.test(name);
}

/** Cuts text that arrives in pieces into lines; what never ends is cut at `longest`. */
export class Lines {
  #rest = '';
  readonly #take: (line: string) => void;
  readonly #longest: number;

  constructor(take: (line: string) => void, longest = 10_000) {
    this.#take = take;
    this.#longest = longest;
  }

  push(text: string): void {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop()!;
    for (const line of parts) this.#take(line.replace(/\r$/, '').slice(0, this.#longest));
    if (this.#rest.length > this.#longest) {
      this.#take(this.#rest.slice(0, this.#longest));
      this.#rest = '';
    }
  }

  finish(): void {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
  }
}
