/**
 * The set of runs that a person keeps on one tab of a comparison, for all its tabs: curves, lines, points and rows of runs outside are set
 * back or left out. One brush at a time: what is kept last, wherever, takes the place of what was kept before.
 */

export type BrushSource = 'parameters' | 'trade-off' | 'curves';

/** Ends of a kept range, in the values of its axis. */
export interface KeptRange {
  readonly low: number;
  readonly high: number;
}

export interface Kept {
  readonly source: BrushSource;
  /** Ids of the runs that are kept; all others are outside. */
  readonly runs: readonly string[];
  /** "EGRA by ii_k, 12 of 30 runs". */
  readonly words: string;
  /** What was chosen where it was kept, so that the tab shows it again: ranges by axis, and what they are of. */
  readonly ranges?: Readonly<Record<string, KeptRange | undefined>>;
  readonly of?: Readonly<Record<string, string>>;
}

/** Whether a row or line of these runs stays where only `kept` are; all stay where nothing is kept, and what has no runs always does. */
export function staysAmong(kept: readonly string[] | undefined): (runIds: readonly string[]) => boolean {
  if (kept === undefined) return () => true;
  const runs = new Set(kept);
  return (runIds) => runIds.length === 0 || runIds.some((id) => runs.has(id));
}

export class Brush {
  #kept = $state.raw<Kept | undefined>();
  readonly #stays = $derived(staysAmong(this.#kept?.runs));

  get isSet(): boolean {
    return this.#kept !== undefined;
  }

  get words(): string {
    return this.#kept?.words ?? '';
  }

  /** The runs that are kept; undefined where all are. */
  get runs(): readonly string[] | undefined {
    return this.#kept?.runs;
  }

  /** What was kept on this tab; undefined where nothing is, or it was kept on another one. */
  of(source: BrushSource): Kept | undefined {
    return this.#kept?.source === source ? this.#kept : undefined;
  }

  keep(kept: Kept): void {
    this.#kept = kept;
  }

  clear(): void {
    this.#kept = undefined;
  }

  /** True where none of the runs is kept. */
  isOut(runIds: readonly string[]): boolean {
    return !this.#stays(runIds);
  }
}
