/** Everything in a place that one of the formats knows, run by run: for the preview in short, for the import whole. */
import type { LogsTaskEvent } from '#contract/log-import.ts';
import { ProblemError, toProblem, type Problem } from '#contract/problem.ts';
import { logFormats } from './formats.ts';
import type { LogUnit } from './log-format.ts';
import { foundRun, loggedRun } from './logged-run.ts';
import { placeOf } from './walk.ts';

export interface ReadLogs {
  readonly path: string;
  /** True: runs come whole, to be stored. Those of `known` are said to be found and come no further. */
  readonly whole: boolean;
  readonly known: readonly string[];
}

/** Runs are told in groups: a message for each would cost more than reading it. */
const groupMs = 200;
const groupRuns = 50;
const groupBytes = 8_000_000;

/** @throws ProblemError logs.missing, logs.unknown (no format knows anything there) */
export async function* readLogs({ path, whole, known }: ReadLogs, signal: AbortSignal): AsyncGenerator<LogsTaskEvent, void, void> {
  const place = await placeOf(path, signal);
  const looked = await Promise.allSettled(logFormats.map(async (format) => ({ tool: format.tool, ...(await format.find(place)) })));
  const found = looked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const units = found.flatMap(({ tool, units: own }) => own.map((unit) => ({ tool, unit })));
    const failures = looked.flatMap((each) => (each.status === 'rejected' ? [located(each.reason, place.root)] : []));
    if (units.length === 0) throw failures[0] === undefined ? nothing(path, place.files.length) : new ProblemError(failures[0]);
    for (const problem of failures) yield { type: 'skipped', problem };
    const clock = new Pace(units.map(({ unit }) => unit));
    const seen = new Set(known);
    let waiting: { readonly event: LogsTaskEvent; readonly bytes: number }[] = [];
    let told = performance.now();
    for (const { path: folder, reason } of place.closed)
      yield {
        type: 'skipped',
        problem: {
          kind: 'disk',
          code: 'logs.closed',
          message: `The folder cannot be listed: ${reason}`,
          values: {},
          where: folder,
          fix: 'Give yourself the right to read it.',
        },
      };
    yield clock.progress(0, units[0]!.unit.label);
    for (const [index, { tool, unit }] of units.entries()) {
      if (signal.aborted) return;
      try {
        const run = loggedRun(tool, await unit.read());
        const isNew = !seen.has(run.origin.hash);
        seen.add(run.origin.hash);
        const bytes = run.series.reduce((sum, { steps }) => sum + steps.length * 12, 0);
        waiting.push(
          whole && isNew ? { event: { type: 'read', runs: [run] }, bytes } : { event: { type: 'found', runs: [foundRun(run)] }, bytes: 0 },
        );
      } catch (error) {
        waiting.push({ event: { type: 'skipped', problem: located(error, unit.label) }, bytes: 0 });
      }
      const isFull = waiting.length >= groupRuns || waiting.reduce((sum, { bytes }) => sum + bytes, 0) >= groupBytes;
      if (!isFull && performance.now() - told < groupMs && index < units.length - 1) continue;
      yield* grouped(waiting.map(({ event }) => event));
      yield clock.progress(index + 1, units[index + 1]?.unit.label);
      waiting = [];
      told = performance.now();
    }
  } finally {
    for (const { close } of found) close?.();
  }
}

/** Neighbouring events of a kind as one, in their order. */
function grouped(events: readonly LogsTaskEvent[]): LogsTaskEvent[] {
  const all: LogsTaskEvent[] = [];
  for (const event of events) {
    const last = all[all.length - 1];
    if (event.type === 'read' && last?.type === 'read') last.runs.push(...event.runs);
    else if (event.type === 'found' && last?.type === 'found') last.runs.push(...event.runs);
    else all.push(event);
  }
  return all;
}

/** How far the reading is and how long it will take, by what there is to read. */
class Pace {
  readonly #done: number[] = [0];
  readonly #start = performance.now();

  constructor(units: readonly LogUnit[]) {
    // An empty file is still a file to open.
    for (const { weight } of units) this.#done.push(this.#done[this.#done.length - 1]! + weight + 1000);
  }

  progress(done: number, place: string | undefined): LogsTaskEvent {
    const of = this.#done.length - 1;
    const fraction = this.#done[done]! / this.#done[of]!;
    const seconds = (performance.now() - this.#start) / 1000;
    return {
      type: 'progress',
      done,
      of,
      fraction,
      // The first moments say too little.
      ...(seconds < 1 || fraction === 0 ? {} : { secondsLeft: (seconds / fraction) * (1 - fraction) }),
      ...(place === undefined ? {} : { place }),
    };
  }
}

/** What one run could not be read for; the others are read. A defect of ours names the run too, a refusal of the system the file. */
function located(error: unknown, label: string): Problem {
  if (error instanceof Error && 'syscall' in error && 'path' in error)
    return {
      kind: 'disk',
      code: 'logs.closed',
      message: `The file cannot be read: ${error.message}`,
      values: {},
      where: String(error.path),
      fix: 'See that it is still there and that you have the right to read it.',
    };
  const problem = toProblem(error);
  return { ...problem, where: problem.where ?? label };
}

function nothing(path: string, files: number): ProblemError {
  return new ProblemError({
    kind: 'data',
    code: 'logs.unknown',
    message: `Nothing there is a log that Avocet reads; ${files} ${files === 1 ? 'file was' : 'files were'} looked at`,
    where: path,
    fix: 'Choose a folder of TensorBoard event files, an MLflow folder (mlruns) or SQLite file, a Weights & Biases export, or logs of MMRec, RecBole or Elliot.',
  });
}
