import { duration } from '#contract/amounts.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { cutOffs, metricNames, type MetricValues, type RunSummary } from '#contract/run.ts';
import type { Context, Outcome } from './command.ts';
import { estimateText, problemLines } from './words.ts';

/** A run as the command line's JSON shows it (issue: `run`). */
export interface RunReport {
  readonly id: string;
  readonly status: string;
  readonly dataset: string;
  readonly model: string;
  readonly seed: number;
  readonly device: string;
  readonly threads: number | null;
  /** How training steps ran: "compiled", or "eager: " and why; null before they do. */
  readonly compile: string | null;
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly secondsPerEpoch: number | null;
  readonly evaluationSeconds: number | null;
  readonly validation: MetricValues | null;
  readonly test: MetricValues | { readonly masked: string } | null;
  readonly experiment: string;
  readonly elapsedSeconds: number;
  readonly estimatedSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  /** It waits until `resume` lets it go on. */
  readonly held?: true;
  readonly problem?: RunSummary['problem'];
}

/** recall, ndcg, precision and map at 5, 10, 20 and 50, in a fixed order. */
function ordered(values: MetricValues): MetricValues {
  const result: MetricValues = {};
  for (const name of metricNames) {
    for (const k of cutOffs) {
      const value = values[`${name}@${k}`];
      if (value !== undefined) result[`${name}@${k}`] = value;
    }
  }
  return result;
}

export function report(run: RunSummary): RunReport {
  const { test } = run;
  return {
    id: run.id,
    status: run.state,
    dataset: run.dataset,
    model: run.model,
    seed: run.seed,
    device: run.device,
    threads: run.threads ?? null,
    compile: run.compile ?? null,
    epochs: run.epochs,
    bestEpoch: run.bestEpoch ?? null,
    secondsPerEpoch: run.secondsPerEpoch ?? null,
    evaluationSeconds: run.evaluationSeconds ?? null,
    validation: run.validation === undefined ? null : ordered(run.validation),
    test: test.state === 'shown' ? ordered(test.values) : test.state === 'masked' ? { masked: test.reason } : null,
    experiment: run.experimentId,
    elapsedSeconds: run.elapsedSeconds,
    estimatedSeconds: run.estimatedSeconds ?? null,
    peakMemoryBytes: run.peakMemoryBytes ?? null,
    ...(run.state === 'queued' && run.held === true ? { held: true as const } : {}),
    ...(run.problem === undefined ? {} : { problem: run.problem }),
  };
}

const ended = new Set<RunSummary['state']>(['finished', 'stopped', 'failed', 'paused']);

/** How a command that follows runs answers an interrupt. */
export interface Following {
  readonly interruption: AbortSignal;
  /** Whether an interrupt pauses this run: what the command started, and not what it found at work. */
  readonly isOwn: (run: RunSummary) => boolean;
  /** What takes up the runs that an interrupt paused; `avocet resume` with their ids where nothing else is said. */
  readonly again?: string;
  /** Called once for each run that has ended. */
  readonly onEnded?: () => void;
}

/**
 * Follows runs until all have ended, with progress and time left on stderr, and returns them in the order asked for. Where the
 * owner of the folder goes away meanwhile, this front door has taken its place or found the next owner, and the runs are followed
 * there. Interrupted, it pauses its own runs wherever they train and returns when they have.
 */
export async function follow(context: Context, link: Link, ids: readonly string[], following: Following): Promise<readonly RunSummary[]> {
  const told = new Set<string>();
  let current = link;
  // A link that closes before anything came over it was no link: after three there is no owner to be found.
  for (let silent = 0; ;) {
    try {
      await untilEnded({ context, link: current, ids, told, heard: () => (silent = 0), following });
      return (await current.call('runs.summaries', { ids: [...ids] })).runs;
    } catch (error) {
      silent += 1;
      if (!(error instanceof ProblemError) || error.problem.code !== 'link.closed' || silent > 3) throw error;
      current = await context.link({ resume: true });
    }
  }
}

interface Watching {
  readonly context: Context;
  readonly link: Link;
  readonly ids: readonly string[];
  readonly told: Set<string>;
  readonly heard: () => void;
  readonly following: Following;
}

/** A held run waits for `resume`, and one of somebody else's goes on: neither is waited for once the command is interrupted. One that is not held yet would start behind it. */
function isSettled(run: RunSummary, { interruption, isOwn }: Following): boolean {
  return ended.has(run.state) || (interruption.aborted && ((run.state === 'queued' && run.held === true) || !isOwn(run)));
}

async function pauseOwn({ context, link, ids, following }: Watching): Promise<void> {
  const { runs } = await link.call('runs.summaries', { ids: [...ids] });
  const open = runs.filter((run) => following.isOwn(run) && !ended.has(run.state));
  const own = open.map((run) => run.id);
  if (own.length === 0) {
    context.note('interrupted; the runs it followed were started elsewhere and go on');
    return;
  }
  context.note(`interrupted; ${pauseWords(open)}. Go on with: ${following.again ?? `avocet resume ${own.join(' ')}`}`);
  await link.call('runs.pause', { ids: own });
}

/** "the run at work pauses after its epoch, 4 that wait are held". */
function pauseWords(open: readonly RunSummary[]): string {
  const waiting = open.filter((run) => run.state === 'queued').length;
  const working = open.length - waiting;
  return [
    ...(working === 0 ? [] : [`${working === 1 ? 'the run at work pauses' : `the ${working} runs at work pause`} after the running epoch`]),
    ...(waiting === 0 ? [] : [`${waiting} that ${waiting === 1 ? 'waits is' : 'wait are'} held`]),
  ].join(', ');
}

async function untilEnded(watching: Watching): Promise<void> {
  const { context, link, ids, told, heard, following } = watching;
  const { interruption } = following;
  const wanted = new Set(ids);
  const abort = new AbortController();
  // A link that fails here ends the stream below too, and over the next one the pause is asked for again.
  const pause = () => void pauseOwn(watching).catch(() => undefined);
  if (interruption.aborted) await pauseOwn(watching);
  else interruption.addEventListener('abort', pause, { once: true });
  try {
    for await (const queue of link.stream('queue.watch', {}, abort.signal)) {
      const { runs } = await link.call('runs.summaries', { ids: [...ids] });
      heard();
      for (const run of runs) {
        if (ended.has(run.state) && !told.has(run.id)) {
          told.add(run.id);
          context.note(`${told.size} of ${ids.length}  ${run.sentence}  (${duration(run.elapsedSeconds)})`);
          following.onEnded?.();
        }
      }
      if (runs.every((run) => isSettled(run, following))) {
        abort.abort();
        return;
      }
      const own = queue.running.filter((run) => wanted.has(run.id));
      const live = own.map((run) => {
        const progress = run.progress;
        if (progress === undefined) return `${run.modelTitle} seed ${run.seed} preparing`;
        const stage = progress.stageCount > 1 ? ` (stage ${progress.stageIndex + 1} of ${progress.stageCount})` : '';
        const best = progress.bestValue === undefined ? '' : `, best ${progress.bestValue.toFixed(4)} at ${progress.bestEpoch}`;
        return `${run.modelTitle} seed ${run.seed}${stage} epoch ${progress.epoch}${best}, ${estimateText(progress.timeLeft)} left`;
      });
      if (live.length > 0) context.progress(`${live.join(' | ')}; all: ${estimateText(queue.timeLeft)}`);
    }
  } finally {
    interruption.removeEventListener('abort', pause);
  }
}

/** The state as tables of runs say it: what waits until `resume` lets it go on is held. */
export const stateWord = (run: Pick<RunSummary, 'state' | 'held'>): string =>
  run.state === 'queued' && run.held === true ? 'queued, held' : run.state;

/** The outcome of run, sweep, resume and demo: every run, and exit code 1 if one failed. */
export function outcome(context: Context, runs: readonly RunSummary[], more: Readonly<Record<string, unknown>> = {}): Outcome {
  for (const run of runs) {
    const summary = report(run);
    const values =
      summary.validation === null ? '' : `  validation Recall@20 ${(summary.validation['recall@20'] ?? Number.NaN).toFixed(4)}`;
    const test =
      run.test.state === 'shown'
        ? `  test Recall@20 ${(run.test.values['recall@20'] ?? Number.NaN).toFixed(4)} NDCG@20 ${(run.test.values['ndcg@20'] ?? Number.NaN).toFixed(4)}`
        : '';
    context.print(
      `${run.id}  ${run.modelTitle} on ${run.datasetName}, seed ${run.seed}: ${stateWord(run)}, ${run.epochs} epochs${run.bestEpoch === undefined ? '' : `, best ${run.bestEpoch}`}${values}${test}`,
    );
    if (run.problem !== undefined) for (const line of problemLines(run.problem)) context.note(line);
  }
  return { json: { ...more, runs: runs.map(report) }, exitCode: runs.some((run) => run.state === 'failed') ? 1 : 0 };
}
