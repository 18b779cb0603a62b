/** Time as a process that is stopped and continued has it: what it was active for, in the unit of the times given. Pure. */
export class ActiveClock {
  readonly #spans: { from: number; to: number }[] = [];

  /** Spans follow one another; the last may still be open. */
  continued(at: number): void {
    this.#spans.push({ from: at, to: Infinity });
  }

  stopped(at: number): void {
    this.#spans.at(-1)!.to = at;
  }

  /** Active time up to `time`. */
  until(time: number): number {
    return this.#spans.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(time, to) - from), 0);
  }

  /** Active times between neighbours of `ends` that both lie after the first span began. */
  between(ends: readonly number[]): number[] {
    const began = this.#spans[0]?.from ?? Infinity;
    const inside = ends.filter((end) => end >= began).map((end) => this.until(end));
    return inside.slice(1).map((end, place) => end - inside[place]!);
  }
}
