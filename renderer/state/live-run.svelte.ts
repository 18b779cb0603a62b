import type { Problem } from '#contract/problem.ts';
import type { ConsoleLine, RunSummary, Series } from '#contract/run.ts';
import { mergeLines, mergeSeries, seriesOf, type SeriesMap } from './live-series.ts';
import { studio } from './studio.svelte.ts';

/** One run as it goes: summary, series and console, followed from its first update to its end. Close it with the component. */
export class LiveRun {
  readonly id: string;
  #summary = $state.raw<RunSummary | undefined>();
  #series = $state.raw<SeriesMap>(new Map());
  #lines = $state.raw<readonly ConsoleLine[]>([]);
  #problem = $state.raw<Problem | undefined>();
  #hasEnded = $state(false);
  readonly #controller = new AbortController();

  constructor(id: string) {
    this.id = id;
    void studio
      .follow(
        'runs.watch',
        { id },
        (update) => {
          if (update.summary !== undefined) this.#summary = update.summary;
          if (update.series !== undefined) this.#series = mergeSeries(this.#series, update.series);
          if (update.lines !== undefined) this.#lines = mergeLines(this.#lines, update.lines);
        },
        this.#controller.signal,
        (problem) => (this.#problem = problem),
      )
      .then(() => (this.#hasEnded = true));
  }

  get summary(): RunSummary | undefined {
    return this.#summary;
  }
  get series(): SeriesMap {
    return this.#series;
  }
  get lines(): readonly ConsoleLine[] {
    return this.#lines;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }
  /** The stream is over: nothing more will change by itself. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  of(stage: string, key: string): Series | undefined {
    return seriesOf(this.#series, stage, key);
  }

  /** A record read elsewhere that is newer than what was pushed: stars, tags and notes of a run that has ended come only this way. */
  refresh(summary: RunSummary): void {
    this.#summary = summary;
  }

  close(): void {
    this.#controller.abort();
  }
}
