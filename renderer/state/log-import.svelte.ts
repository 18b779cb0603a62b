import type { FoundRun, ImportLogsEvent, LogFinding } from '#contract/log-import.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import { studio } from './studio.svelte.ts';

export type LogImportStep = 'choose' | 'looking' | 'ready' | 'importing';
export type LogProgress = Extract<LogFinding, { type: 'progress' }>;
export type LogsImported = Extract<ImportLogsEvent, { type: 'done' }>;

/** One import of other tools' runs, from choosing a place to the runs in the table: what was found, and how far it is. */
export class LogImport {
  path = $state('');
  dataset = $state('');
  #step = $state<LogImportStep>('choose');
  #runs = $state.raw<readonly FoundRun[]>([]);
  #leftOut = $state.raw<readonly Problem[]>([]);
  #progress = $state.raw<LogProgress | undefined>();
  #problem = $state.raw<Problem | undefined>();
  #looked = $state('');
  #work: AbortController | undefined;

  get step(): LogImportStep {
    return this.#step;
  }
  get runs(): readonly FoundRun[] {
    return this.#runs;
  }
  /** What was met and not read, with the place and the reason. */
  get leftOut(): readonly Problem[] {
    return this.#leftOut;
  }
  get progress(): LogProgress | undefined {
    return this.#progress;
  }
  get problem(): Problem | undefined {
    return this.#problem;
  }
  get isBusy(): boolean {
    return this.#step === 'looking' || this.#step === 'importing';
  }
  readonly fresh = $derived(this.#runs.filter((run) => run.known === undefined).length);
  /** Whether another place stands in the field than the one that was looked at. */
  readonly isElsewhere = $derived(this.#step === 'ready' && this.path.trim() !== this.#looked);
  readonly canImport = $derived(this.#step === 'ready' && this.fresh > 0 && !this.isElsewhere);

  /** Reads the place for the preview; nothing is stored. */
  async look(): Promise<void> {
    const work = this.#begin('looking');
    [this.#runs, this.#leftOut] = [[], []];
    this.#looked = this.path.trim();
    const runs: FoundRun[] = [];
    try {
      for await (const finding of studio.stream('logs.inspect', { path: this.#looked }, work.signal)) {
        if (finding.type === 'progress') this.#progress = finding;
        else if (finding.type === 'runs') runs.push(...finding.runs);
        else if (finding.type === 'skipped') this.#leftOut = [...this.#leftOut, finding.problem];
      }
      if (work.signal.aborted) return;
      this.#runs = runs;
      this.#step = 'ready';
    } catch (error) {
      this.#fail(error, work, 'choose');
    }
  }

  /** Resolves with the counts, or undefined where it failed or was stopped. */
  async run(): Promise<LogsImported | undefined> {
    const work = this.#begin('importing');
    const dataset = this.dataset.trim();
    try {
      const request = { path: this.#looked, ...(dataset === '' ? {} : { dataset }) };
      for await (const event of studio.stream('logs.import', request, work.signal)) {
        if (event.type === 'progress') this.#progress = event;
        else if (event.type === 'done') return event;
      }
    } catch (error) {
      this.#fail(error, work, 'ready');
    }
    return undefined;
  }

  /** Leaves the running work. What was imported until then stays. Returns what was at work. */
  stop(): LogImportStep | undefined {
    if (!this.isBusy) return undefined;
    const was = this.#step;
    this.#work?.abort();
    this.#step = 'choose';
    this.#progress = undefined;
    return was;
  }

  #begin(step: LogImportStep): AbortController {
    this.#work?.abort();
    this.#work = new AbortController();
    [this.#problem, this.#progress, this.#step] = [undefined, undefined, step];
    return this.#work;
  }

  #fail(error: unknown, work: AbortController, back: LogImportStep): void {
    if (work.signal.aborted) return;
    this.#problem = toProblem(error);
    this.#step = back;
  }
}
