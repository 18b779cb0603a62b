/** Walking the points of a chart with arrow keys: which one is at hand, and what is said about it. */
export interface WalkedPoint {
  readonly key: string;
  /** One sentence for the line under the chart, which readers of the screen hear. */
  readonly words: string;
}

export class PointWalk {
  readonly #points: () => readonly WalkedPoint[];
  #at = $state(-1);

  constructor(points: () => readonly WalkedPoint[]) {
    this.#points = points;
  }

  get #point(): WalkedPoint | undefined {
    return this.#points()[Math.min(this.#at, this.#points().length - 1)];
  }

  get at(): string | undefined {
    return this.#point?.key;
  }

  /** "Point 2 of 9. EGRA: Recall@20 0.4629 …"; empty before the first key. */
  get words(): string {
    const point = this.#point;
    return point === undefined
      ? ''
      : `Point ${Math.min(this.#at, this.#points().length - 1) + 1} of ${this.#points().length}. ${point.words}`;
  }

  readonly keys = (event: KeyboardEvent): void => {
    const last = this.#points().length - 1;
    if (last < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = placeOf(event.key, Math.min(this.#at, last), last);
    if (next === undefined) return;
    event.preventDefault();
    this.#at = next;
  };

  readonly leave = (): void => {
    this.#at = -1;
  };
}

/** Where a key leads from a place in 0 … last (-1: nowhere yet), arrows by `step` places; undefined for keys that do not walk. */
export function placeOf(key: string, at: number, last: number, step = 1): number | undefined {
  if (key === 'ArrowRight' || key === 'ArrowDown') return at < 0 ? 0 : Math.min(last, at + step);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return at < 0 ? last : Math.max(0, at - step);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  return undefined;
}
