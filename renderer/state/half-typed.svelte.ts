import type { HyperValue } from '#contract/model-card.ts';

/** Text that is no legal value yet, and what is wrong with it. */
export interface Typed {
  readonly text: string;
  readonly fault: string;
}

type Kept<T> = Readonly<Record<string, T>>;

const name = (at: number, key: string) => `${at}/${key}`;

/** What hangs on the settings of an experiment's models beside their values, by the place of the model and the setting's key. It follows its model. */
export class HalfTyped {
  #texts = $state.raw<Kept<Typed>>({});
  /** Values that were varied and put away: they come back with the next Vary. */
  #putAway: Kept<readonly HyperValue[]> = {};

  get count(): number {
    return Object.keys(this.#texts).length;
  }

  /** Where the first wrong text stands. */
  get first(): { readonly at: number; readonly key: string } | undefined {
    const [id] = Object.keys(this.#texts);
    return id === undefined ? undefined : { at: Number.parseInt(id), key: id.slice(id.indexOf('/') + 1) };
  }

  of(at: number, key: string): Typed | undefined {
    return this.#texts[name(at, key)];
  }

  put(at: number, key: string, typed: Typed): void {
    this.#texts = { ...this.#texts, [name(at, key)]: typed };
  }

  forget(at: number, key: string): void {
    if (this.of(at, key) !== undefined) this.#texts = without(this.#texts, (id) => id === name(at, key));
  }

  putAway(at: number, key: string, values: readonly HyperValue[]): void {
    this.#putAway = { ...this.#putAway, [name(at, key)]: values };
  }

  valuesPutAway(at: number, key: string): readonly HyperValue[] | undefined {
    return this.#putAway[name(at, key)];
  }

  /** Models were taken away, put in or put elsewhere: `from[i]` is where the i-th stood before, below 0 for a new one. */
  follow(from: readonly number[]): void {
    this.#texts = moved(this.#texts, from);
    this.#putAway = moved(this.#putAway, from);
  }

  /** Another form takes the place of this one; what it returns puts back what was there. */
  clear(): () => void {
    const [texts, putAway] = [this.#texts, this.#putAway];
    [this.#texts, this.#putAway] = [{}, {}];
    return () => void ([this.#texts, this.#putAway] = [texts, putAway]);
  }
}

function without<T>(kept: Kept<T>, drops: (id: string) => boolean): Kept<T> {
  return Object.fromEntries(Object.entries(kept).filter(([id]) => !drops(id)));
}

function moved<T>(kept: Kept<T>, from: readonly number[]): Kept<T> {
  return Object.fromEntries(
    Object.entries(kept).flatMap(([id, value]) => {
      const at = from.indexOf(Number.parseInt(id));
      return at < 0 ? [] : [[`${at}${id.slice(id.indexOf('/'))}`, value] as const];
    }),
  );
}
