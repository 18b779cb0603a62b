/** What a person has set on curves over epochs: which are hidden or alone, and where the cross-hair stands. */
import { placeOf } from './point-walk.svelte.ts';

interface Places {
  /** Where the cross-hair is, among places 0 … last. */
  readonly at: number;
  readonly last: number;
  /** The value of the axis at a place. */
  readonly valueAt: (place: number) => number;
}

export class CurveHand {
  /** Key of the curve under the pointer, or with the focus. */
  focus = $state<string>();
  /** Key of the one curve that is shown. */
  solo = $state<string>();
  /** Value of the axis at the cross-hair; undefined until it is moved. */
  cursor = $state<number>();
  #hidden = $state.raw<ReadonlySet<string>>(new Set());
  #isWalking = $state(false);

  get hidden(): ReadonlySet<string> {
    return this.#hidden;
  }

  /** Keys have moved the cross-hair: then what stands there is said. */
  get isWalking(): boolean {
    return this.#isWalking;
  }

  /** What comes back with a screen. */
  get kept(): { readonly solo: string | undefined; readonly hidden: ReadonlySet<string> } {
    return { solo: this.solo, hidden: this.#hidden };
  }

  set kept({ solo, hidden }: { readonly solo: string | undefined; readonly hidden: ReadonlySet<string> }) {
    this.solo = solo;
    this.#hidden = hidden;
  }

  shows(key: string): boolean {
    return this.solo === undefined ? !this.#hidden.has(key) : key === this.solo;
  }

  /** Hides a curve or brings it back. */
  toggle(key: string): void {
    const next = new Set(this.#hidden);
    if (!next.delete(key)) next.add(key);
    this.#hidden = next;
    if (this.solo === key) this.solo = undefined;
  }

  showAll(): void {
    this.#hidden = new Set();
  }

  /** What was shown alone may be gone, drawn in another way or kept out since: then all are shown. `keys` are those there are. */
  settle(keys: readonly string[]): void {
    if (this.solo !== undefined && !keys.includes(this.solo)) this.solo = undefined;
  }

  /** Arrow keys move the cross-hair by a place, with Shift by ten. */
  walk(event: KeyboardEvent, { at, last, valueAt }: Places): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = placeOf(event.key, at, last, event.shiftKey ? 10 : 1);
    if (next === undefined) return;
    event.preventDefault();
    this.cursor = valueAt(next);
    this.#isWalking = true;
  }

  leave(): void {
    this.#isWalking = false;
  }
}
