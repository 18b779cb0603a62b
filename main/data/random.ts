/**
 * Random numbers as values: a run owns named streams (init, shuffle, negatives, dropout, graph), each a counter that can be
 * saved and restored, so that pausing, resuming or adding a model never shifts another stream (protocol.md section 4).
 */
const streamNames = ['init', 'shuffle', 'negatives', 'dropout', 'graph', 'split'] as const;
export type StreamName = (typeof streamNames)[number];

/** A source of random numbers. The parity harness implements it with recorded draws. */
export interface Random {
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /**
   * Uniform numbers for the wanted rows of a table [rows, width] that published code draws whole, [wanted, width]: rows that nobody looks at
   * are not drawn. Wanted rows that a loss reads are distinct.
   */
  uniformRows(table: { readonly rows: number; readonly width: number }, wanted: Int32Array): Float64Array;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal (Box–Muller, both halves used). */
  normal(): number;
  /** `count` distinct indices of `weights`, drawn without replacement with probability proportional to the weights (as torch.multinomial). */
  sampleWithoutReplacement(weights: ArrayLike<number>, count: number): Int32Array;
  /** In-place Fisher–Yates. */
  shuffle(values: Int32Array): void;
  /** State to store in a checkpoint, plain numbers. */
  save(): readonly number[];
}

/** xoshiro128**, seeded by splitmix32 over seed and stream name. State: four words, then the spare normal (flag, value). */
class Xoshiro implements Random {
  readonly #words: Uint32Array;
  #spare: number | undefined;

  constructor(words: Uint32Array, spare?: number) {
    this.#words = words;
    this.#spare = spare;
  }

  #next(): number {
    const s = this.#words;
    const s1 = s[1]!;
    const scrambled = Math.imul(s1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s[2] = s[2]! ^ s[0]!;
    s[3] = s[3]! ^ s[1]!;
    s[1] = s[1]! ^ s[2]!;
    s[0] = s[0]! ^ s[3]!;
    s[2] = s[2]! ^ t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  }

  /** Fills the array with uniform 32-bit words: the same numbers as one draw after another, several times faster. */
  words(into: Uint32Array): void {
    let [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = Int32Array.from(this.#words);
    for (let i = 0; i < into.length; i++) {
      const scrambled = Math.imul(s1, 5);
      into[i] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      const t = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    this.#words.set([s0, s1, s2, s3]);
  }

  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  uniformRows({ width }: { readonly width: number }, wanted: Int32Array): Float64Array {
    const drawn = new Float64Array(wanted.length * width);
    for (let i = 0; i < drawn.length; i++) drawn[i] = this.uniform();
    return drawn;
  }

  integer(below: number): number {
    // Rejection keeps small ranges exactly uniform.
    const limit = 4294967296 - (4294967296 % below);
    let word = this.#next();
    while (word >= limit) word = this.#next();
    return word % below;
  }

  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  sampleWithoutReplacement(weights: ArrayLike<number>, count: number): Int32Array {
    // Efraimidis–Spirakis: the `count` largest log(u)/w are a draw without replacement proportional to w.
    const keys = new Float64Array(weights.length);
    for (let i = 0; i < weights.length; i++) keys[i] = Math.log(1 - this.uniform()) / weights[i]!;
    const drawn = Math.min(Math.max(Math.floor(count), 0), keys.length);
    if (drawn === 0) return new Int32Array(0);
    // Only what is drawn is put in order: a few of very many, in a pruned graph for instance.
    const bar = largestAt(keys.slice(), drawn - 1);
    const order = new Int32Array(drawn);
    let filled = 0;
    for (let i = 0; i < keys.length; i++) if (keys[i]! > bar) order[filled++] = i;
    for (let i = 0; i < keys.length && filled < drawn; i++) if (keys[i] === bar) order[filled++] = i;
    return order.sort((a, b) => keys[b]! - keys[a]! || a - b);
  }

  shuffle(values: Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
  }

  /** Continues exactly as {@link save} left it. */
  restore(state: readonly number[]): void {
    this.#words.set(state.slice(0, 4));
    this.#spare = state[4] === 1 ? state[5] : undefined;
  }

  save(): readonly number[] {
    return [...this.#words, this.#spare === undefined ? 0 : 1, this.#spare ?? 0];
  }
}

/** The value that stands at `place` when the largest come first. Changes the order of `values`. */
function largestAt(values: Float64Array, place: number): number {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const middle = values[(first + last) >> 1]!;
    let i = first;
    let j = last;
    while (i <= j) {
      while (values[i]! > middle) i++;
      while (values[j]! < middle) j--;
      if (i > j) break;
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
      i++;
      j--;
    }
    if (place <= j) last = j;
    else if (place >= i) first = i;
    else break;
  }
  return values[place]!;
}

function splitmix32(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

/** The stream of this name for a seed: FNV-1a over the name mixed with both halves of the seed. */
export function randomStream(seed: number, name: string): Random {
  return new Xoshiro(seedWords(seed, name));
}

/** The same stream as blocks of 32-bit words, for work that draws by the hundred million. */
export function wordStream(seed: number, name: string): (into: Uint32Array) => void {
  const stream = new Xoshiro(seedWords(seed, name));
  return (into) => stream.words(into);
}

function seedWords(seed: number, name: string): Uint32Array {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  const next = splitmix32((hash ^ (seed >>> 0) ^ Math.imul(Math.floor(seed / 4294967296), 0x9e3779b1)) >>> 0);
  return Uint32Array.from([next(), next(), next(), next() | 1]);
}

/** The stream exactly as {@link Random.save} left it. */
export function restoreStream(state: readonly number[]): Random {
  return new Xoshiro(Uint32Array.from(state.slice(0, 4)), state[4] === 1 ? state[5] : undefined);
}

/** All streams of a run. */
export type Streams = Readonly<Record<StreamName, Random>>;

export function randomStreams(seed: number): Streams {
  const entries = streamNames.map((name) => [name, randomStream(seed, name)] as const);
  return Object.fromEntries(entries) as Record<StreamName, Random>;
}

/** Puts saved states back into the streams that a model and a sampler already hold. Names that were not saved stay as they are. */
export function restoreStreams(streams: Streams, states: Readonly<Record<string, readonly number[]>>): void {
  for (const name of streamNames) {
    const stream = streams[name];
    const state = states[name];
    if (state === undefined) continue;
    if (!(stream instanceof Xoshiro)) throw new TypeError(`stream ${name} cannot be restored`);
    stream.restore(state);
  }
}
