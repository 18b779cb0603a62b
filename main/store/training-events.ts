/**
 * What a training process reported, written in one transaction and only once: (run, attempt, seq) is the key, so a repeated batch
 * changes nothing. Nothing is shown that has not passed here.
 */
import { toldReasons, type ConsoleLine, type MetricValues, type Progress, type RunConfig, type Series } from '#contract/run.ts';
import type { Problem } from '#contract/problem.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { consoleWords } from './console-words.ts';
import type { Database } from './database.ts';
import { putReadings } from './readings.ts';
import type { RunTable } from './runs.ts';
import { SampleTable } from './samples.ts';
import { seriesOfPoints, type SeriesPoint, type SeriesTable } from './series.ts';

export interface SequencedEvent {
  readonly seq: number;
  readonly at: number;
  readonly event: TrainingEvent;
}

/** What a batch brought that was new. */
export interface Applied {
  readonly series: readonly Series[];
  readonly lines: readonly ConsoleLine[];
  /** Epochs that no earlier batch or attempt had recorded: progress. */
  readonly newEpochs: number;
  readonly ended: 'finished' | 'paused' | 'failed' | undefined;
  readonly problem: Problem | undefined;
}

type EpochFinished = Extract<TrainingEvent, { type: 'epochFinished' }>;
type Finished = Extract<TrainingEvent, { type: 'finished' }>;

export class TrainingEvents {
  readonly #database: Database;
  readonly #runs: RunTable;
  readonly #series: SeriesTable;

  constructor(database: Database, runs: RunTable, series: SeriesTable) {
    this.#database = database;
    this.#runs = runs;
    this.#series = series;
  }

  /** Events of an unknown run, of an attempt that is not the present one, or already stored are passed over. */
  apply(runId: string, attempt: number, events: readonly SequencedEvent[]): Applied {
    return this.#database.transaction(() => {
      const known = this.#database.get<{ lastSeq: number; attempt: number; number: number }>(
        'SELECT a.last_seq, r.attempt, r.number FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.run_id = ? AND a.attempt = ?',
        [runId, attempt],
      );
      const fresh = known === undefined || known.attempt !== attempt ? [] : events.filter((entry) => entry.seq > known.lastSeq);
      const last = fresh[fresh.length - 1];
      if (known === undefined || last === undefined) return { series: [], lines: [], newEpochs: 0, ended: undefined, problem: undefined };
      const batch = new Batch(this.#database, this.#runs, this.#series, { id: runId, number: known.number, attempt });
      for (const entry of fresh) batch.take(entry);
      const applied = batch.finish();
      this.#database.update('attempt', { runId, attempt }, { lastSeq: last.seq, lastAt: Math.round(last.at) });
      this.#runs.touchElapsed(runId);
      return applied;
    });
  }
}

class Batch {
  readonly #database: Database;
  readonly #runs: RunTable;
  readonly #series: SeriesTable;
  readonly #samples: SampleTable;
  readonly #run: { readonly id: string; readonly number: number; readonly attempt: number };
  readonly #config: RunConfig;
  readonly #stages: readonly { readonly id: string }[];
  readonly #points = new Map<string, SeriesPoint[]>();
  readonly #lines: ConsoleLine[] = [];
  readonly #recorded = new Map<string, number>();
  #phase: string | undefined;
  #progress: Progress | undefined;
  #newEpochs = 0;
  #recomputed = 0;
  #ended: Applied['ended'];
  #problem: Problem | undefined;

  constructor(database: Database, runs: RunTable, series: SeriesTable, run: { id: string; number: number; attempt: number }) {
    this.#database = database;
    this.#runs = runs;
    this.#series = series;
    this.#run = run;
    this.#samples = new SampleTable(database);
    this.#config = runs.config(run.id)!;
    this.#stages = runs.stages(run.id);
    const attempt = database.get<{ phase: string | null }>('SELECT phase FROM attempt WHERE run_id = ? AND attempt = ?', [
      run.id,
      run.attempt,
    ]);
    this.#phase = attempt?.phase ?? undefined;
  }

  get #mainStage(): string {
    return this.#stages[this.#stages.length - 1]!.id;
  }

  take({ seq, at, event }: SequencedEvent): void {
    const { id } = this.#run;
    // Epochs are written where it is known whether they are new: a resumed worker tells its history again.
    if (event.type !== 'epochFinished') this.#say(at, event);
    switch (event.type) {
      case 'prepared':
        this.#database.update(
          'run',
          { id },
          {
            provenance: JSON.stringify(event.provenance),
            parameters: event.parameters,
            evaluatedUsers: JSON.stringify(event.evaluatedUsers),
          },
        );
        return;
      case 'stageStarted':
        this.#flush();
        this.#database.update('run', { id }, { state: 'running' });
        this.#database.update('stage', { runId: id, id: event.stage }, { state: 'running', model: event.model });
        this.#database.update('attempt', { runId: id, attempt: this.#run.attempt }, { fromEpoch: event.fromEpoch });
        this.#progress = this.#emptyProgress(event.stage, event.fromEpoch);
        if (event.stage === this.#mainStage) this.#samples.forgetAfter(id, event.fromEpoch);
        return;
      case 'epochFinished':
        this.#epoch(seq, at, event);
        return;
      case 'stageFinished':
        this.#database.update(
          'stage',
          { runId: id, id: event.stage },
          {
            state: event.reused ? 'reused' : 'done',
            epochs: event.epochs,
            bestEpoch: event.bestEpoch,
            seconds: event.seconds,
          },
        );
        return;
      case 'checkpointWritten':
        return;
      case 'line':
        return;
      case 'phase':
        this.#phase = `${event.stage} ${event.phase} ${event.epoch}`;
        return;
      case 'finished':
        this.#finished(at, event);
        return;
      case 'paused':
        this.#end('paused', 'paused', at);
        this.#runs.setState(id, 'paused');
        return;
      case 'failed':
        this.#failed(at, event);
        return;
      default:
        event satisfies never;
    }
  }

  #say(at: number, event: SequencedEvent['event']): void {
    const words = consoleWords(event);
    if (words !== undefined) this.#lines.push({ at, ...words });
  }

  #emptyProgress(stage: string, fromEpoch: number): Progress {
    const stored = this.#runs.stored(this.#run.id)?.progress;
    const before = stored === null || stored === undefined ? undefined : (JSON.parse(stored) as Progress);
    // A later attempt goes on where the stage stood: best epoch and misses stay on screen until the next epoch says more.
    const carried = before?.stage === stage && fromEpoch > 0 ? before : { misses: 0 };
    const stageIndex = Math.max(
      0,
      this.#stages.findIndex((entry) => entry.id === stage),
    );
    const { epochs, patience, minEpochs } = this.#config.budget;
    return { ...carried, stage, stageIndex, stageCount: this.#stages.length, epoch: fromEpoch, epochLimit: epochs, patience, minEpochs };
  }

  /**
   * A resumed worker tells its whole history again, without the phases that work itself passes through: what is told and known is
   * skipped, what is told and was never stored is stored, and only what was worked on twice counts as recomputed.
   */
  #epoch(seq: number, at: number, event: EpochFinished): void {
    const isTold = this.#phase !== `${event.stage} evaluate ${event.epoch}`;
    const isRecorded = event.epoch <= this.#recordedBefore(event.stage);
    if (isRecorded && !isTold) this.#recomputed += 1;
    if (!isRecorded) this.#newEpochs += 1;
    if (!isRecorded || !isTold) {
      this.#addPoint(seq, event);
      this.#say(at, event);
    }

    const progress = this.#progress ?? this.#emptyProgress(event.stage, event.epoch);
    this.#progress = {
      ...progress,
      stage: event.stage,
      epoch: event.epoch,
      bestEpoch: event.bestEpoch,
      ...(event.bestValue === undefined ? {} : { bestValue: event.bestValue }),
      misses: event.misses,
    };
    this.#database.update(
      'stage',
      { runId: this.#run.id, id: event.stage },
      { state: 'running', epochs: event.epoch, bestEpoch: event.bestEpoch },
    );
    if (event.stage !== this.#mainStage) return;
    this.#database.update('run', { id: this.#run.id }, { epochs: event.epoch, bestEpoch: event.bestEpoch, bestValue: event.bestValue });
    if (event.bestEpoch === event.epoch) this.#putMetrics('validation', event.validation);
    if (event.samples !== undefined) this.#samples.put(this.#run.id, { epoch: event.epoch, ...event.samples });
  }

  #recordedBefore(stage: string): number {
    let last = this.#recorded.get(stage);
    if (last === undefined) this.#recorded.set(stage, (last = this.#series.lastEpochBefore(this.#run.id, stage, this.#run.attempt)));
    return last;
  }

  #addPoint(seq: number, event: EpochFinished): void {
    const values: Record<string, number> = {
      ...(event.loss === undefined ? {} : { loss: event.loss }),
      ...(event.learningRate === undefined ? {} : { 'learning-rate': event.learningRate }),
      'train-seconds': event.trainSeconds,
      'evaluation-seconds': event.evaluationSeconds,
      ...event.validation,
    };
    for (const [term, value] of Object.entries(event.terms)) values[`loss/${term}`] = value;
    for (const [key, value] of Object.entries(event.test ?? {})) values[`test/${key}`] = value;
    const points = this.#points.get(event.stage) ?? [];
    points.push({ seq, epoch: event.epoch, values });
    this.#points.set(event.stage, points);
  }

  #putMetrics(part: 'validation' | 'test', values: MetricValues): void {
    for (const [key, value] of Object.entries(values)) this.#database.insert('metric', { run: this.#run.number, part, key, value }, true);
  }

  #finished(at: number, event: Finished): void {
    const { id } = this.#run;
    this.#flush();
    this.#end('finished', event.stopReason, at);
    this.#putMetrics('validation', event.validation);
    this.#putMetrics('test', event.test);
    const seconds = sumOf(this.#series.values(id, this.#mainStage, secondsKeys));
    this.#database.update(
      'stage',
      { runId: id, id: this.#mainStage },
      { state: 'done', epochs: event.epochs, bestEpoch: event.bestEpoch, seconds },
    );
    for (const artifact of event.artifacts) this.#database.insert('artifact', { runId: id, ...artifact }, true);
    this.#database.update(
      'run',
      { id },
      {
        state: toldReasons.some((reason) => reason === event.stopReason) ? 'stopped' : 'finished',
        stopReason: event.stopReason,
        epochs: event.epochs,
        bestEpoch: event.bestEpoch,
        peakMemoryBytes: event.peakMemoryBytes,
        leakedTensors: event.leakedTensors,
        endedAt: Math.round(at),
        queuePosition: undefined,
      },
    );
    const planned = this.#runs.provenance(id);
    if (planned !== undefined) {
      const compile = event.compile === undefined ? {} : { compile: event.compile };
      this.#database.update('run', { id }, { provenance: JSON.stringify({ ...planned, fallbacks: event.fallbacks, ...compile }) });
    }
    // A finish that is only told again, by a second process that found it on disk, scored nothing.
    if (/ (?:test|artifacts) /.test(this.#phase ?? ''))
      this.#database.run('UPDATE run SET test_evaluations = test_evaluations + 1 WHERE id = ?', [id]);
  }

  #failed(at: number, event: Extract<TrainingEvent, { type: 'failed' }>): void {
    const { id } = this.#run;
    const isStop = event.problem.kind === 'cancelled';
    this.#end('failed', isStop ? 'stopped' : `failed: ${event.problem.kind}`, at);
    this.#problem = event.problem;
    for (const artifact of event.artifacts) this.#database.insert('artifact', { runId: id, ...artifact }, true);
    this.#runs.setState(id, isStop ? 'stopped' : 'failed', { ...(isStop ? {} : { problem: event.problem }), endedAt: Math.round(at) });
    if (isStop) this.#database.update('run', { id }, { stopReason: 'stopped-by-user' });
    this.#database.run("UPDATE stage SET state = 'failed' WHERE run_id = ? AND state = 'running'", [id]);
  }

  #end(how: NonNullable<Applied['ended']>, outcome: string, at: number): void {
    this.#ended = how;
    this.#database.update('attempt', { runId: this.#run.id, attempt: this.#run.attempt }, { endedAt: Math.round(at), outcome });
  }

  #flush(): void {
    const { id, attempt } = this.#run;
    for (const [stage, points] of this.#points) this.#series.append(id, stage, attempt, points);
    putReadings(this.#database, this.#run.number, this.#points.get(this.#mainStage) ?? []);
    this.#shown.push(...[...this.#points].flatMap(([stage, points]) => seriesOfPoints(stage, points)));
    this.#points.clear();
  }

  readonly #shown: Series[] = [];

  finish(): Applied {
    const { id, attempt } = this.#run;
    this.#flush();
    this.#database.update('attempt', { runId: id, attempt }, { phase: this.#phase });
    if (this.#progress !== undefined) {
      const seconds = this.#series.values(id, this.#progress.stage, secondsKeys);
      const [median, evaluationMedian] = seconds.map(medianOf);
      // A stage that fails or is paused has worked too; one that is done keeps what it reported itself.
      this.#database.run("UPDATE stage SET seconds = ? WHERE run_id = ? AND id = ? AND state NOT IN ('done', 'reused')", [
        sumOf(seconds),
        id,
        this.#progress.stage,
      ]);
      const progress = { ...this.#progress, ...(median === undefined ? {} : { secondsPerEpoch: median }) };
      this.#database.update('run', { id }, { progress: JSON.stringify(progress) });
      if (progress.stage === this.#mainStage) {
        this.#database.update('run', { id }, { secondsPerEpoch: median, evaluationSeconds: evaluationMedian });
      }
    }
    if (this.#recomputed > 0)
      this.#database.run('UPDATE attempt SET recomputed_epochs = recomputed_epochs + ? WHERE run_id = ? AND attempt = ?', [
        this.#recomputed,
        id,
        attempt,
      ]);
    return { series: this.#shown, lines: this.#lines, newEpochs: this.#newEpochs, ended: this.#ended, problem: this.#problem };
  }
}

/** Series of a stage that say how long its epochs took. */
const secondsKeys = ['train-seconds', 'evaluation-seconds'];

const sumOf = (series: readonly Float64Array[]): number =>
  series.reduce((sum, values) => values.reduce((total, value) => total + value, sum), 0);

function medianOf(values: Float64Array): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
