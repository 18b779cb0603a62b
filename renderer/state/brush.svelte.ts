/** What a range kept under Parameters leaves out, for the other tabs of the same comparison: curves and rows of runs outside are set back. */
export class Brush {
  #out = $state.raw<ReadonlySet<string>>(new Set());
  #words = $state('');

  get isSet(): boolean {
    return this.#out.size > 0;
  }

  /** "EGRA: ii_k 5 to 10, 12 of 30 runs". */
  get words(): string {
    return this.#words;
  }

  keep(out: readonly string[], words: string): void {
    this.#out = new Set(out);
    this.#words = words;
  }

  clear(): void {
    this.keep([], '');
  }

  /** True where every one of the runs lies outside the kept ranges. */
  isOut(runIds: readonly string[]): boolean {
    return this.#out.size > 0 && runIds.length > 0 && runIds.every((id) => this.#out.has(id));
  }
}
