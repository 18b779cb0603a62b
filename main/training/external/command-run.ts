import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { patchArtifact, type External } from '#contract/external.ts';
import { mainStage, type MetricValues, type stopReasons, type ToldReason } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { handOver } from '#data/external/handover.ts';
import { originalIds } from '#data/external/ids.ts';
import { artifactOf } from '../artifacts.ts';
import { roundAsReported } from '../early-stopping.ts';
import { Child, leftOverGone } from './child.ts';
import { failedCommand, malformedOutput, nothingLeft, notStarted, reportedDivergence } from './command-problems.ts';
import { prepared } from './external-run.ts';
import type { ExternalEnd, ExternalSession } from './external-run.ts';
import { commandRecord, gitPatch } from './git-state.ts';
import { conclude, rankResult, readResult } from './result.ts';
import type { ExternalResult } from './result.ts';
import { readLine } from './stdout.ts';
import type { ReportedEpoch } from './stdout.ts';
import { environmentOf, resultIn, workplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

type Command = Extract<External, { kind: 'command' }>;
type StopReason = (typeof stopReasons)[number];
type Why = 'keep' | 'discard' | 'pause' | Exclude<StopReason, ToldReason>;

const usualPatienceMs = 10_000;
const lookMs = 100;
const patchFile = 'changes.patch';
const errorLinesKept = 30;

/** The best epoch that was scored so far. */
interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly result: ExternalResult;
}

/**
 * Runs a command to its end, or until the owner, the budget or patience ends it: its epochs are told as a training's, what it leaves
 * for an epoch is scored on validation, and at the end the best of those, else what it left last, is scored on both parts.
 * Interrupted it is ended, and started again from its beginning; its work folder stays, for checkpoints of its own.
 */
export async function* commandRun(session: ExternalSession, external: Command): AsyncGenerator<TrainingEvent, ExternalEnd, void> {
  const original = await originalIds(session.datasetFolder);
  const dataset = await handOver(session.dataset, original, session.cacheFolder);
  const place = await workplace(session, dataset);
  await leftOverGone(place.pidFile);
  const left = await keepPatch(session.runFolder, external.folder);
  yield prepared(session, {
    ...(await commandRecord(external.command, external.folder)),
    ...(left === undefined ? {} : { 'git patch': left }),
  });
  yield { type: 'stageStarted', stage: mainStage, model: session.config.model, fromEpoch: 0 };
  yield { type: 'phase', stage: mainStage, phase: 'train', epoch: 1 };
  yield { type: 'line', level: 'info', text: `$ ${external.command}   (in ${external.folder})` };
  const { command, folder } = external;
  const child = await Child.start({ command, folder, environment: environmentOf(session, place), pidFile: place.pidFile });
  try {
    const work = new CommandWork(session, place, child);
    yield* work.run();
    return yield* work.end();
  } finally {
    await child.close();
  }
}

/** What differs from the commit as the command starts, or why it is not kept; a file of an earlier attempt goes. */
async function keepPatch(runFolder: string, folder: string): Promise<string | undefined> {
  const path = join(runFolder, patchFile);
  const patch = await gitPatch(folder);
  if (patch instanceof Buffer) await writeFile(path, patch);
  else await rm(path, { force: true });
  return typeof patch === 'string' ? patch : undefined;
}

class CommandWork {
  readonly #session: ExternalSession;
  readonly #place: Workplace;
  readonly #child: Child;
  readonly #errors: string[] = [];
  #last: ReportedEpoch | undefined;
  #best: Best | undefined;
  #misses = 0;
  #count = 0;
  #isWarned = false;
  #epochBegan = performance.now();
  #why: Why | undefined;
  #askedAt = 0;
  #exit: { readonly code: number | null; readonly signal: string | null } | undefined;

  constructor(session: ExternalSession, place: Workplace, child: Child) {
    this.#session = session;
    this.#place = place;
    this.#child = child;
  }

  /** Listens until the command is gone. */
  async *run(): AsyncGenerator<TrainingEvent, void, void> {
    while (this.#exit === undefined) {
      this.#heed();
      const news = await this.#child.next(lookMs);
      if (news === undefined) continue;
      switch (news.kind) {
        case 'stdout':
          yield* this.#said(news.line);
          break;
        case 'stderr':
          this.#errors.push(news.line);
          if (this.#errors.length > errorLinesKept) this.#errors.shift();
          if (news.line.trim() !== '') yield { type: 'line', level: 'warn', text: news.line, by: 'program' };
          break;
        case 'exit':
          this.#exit = news;
          break;
        case 'not-started':
          throw notStarted(news.reason, this.#session.external);
      }
    }
  }

  /** Asks the command to end where its owner wants that, and ends it where it does not listen. */
  #heed(): void {
    const { control, patienceMs = usualPatienceMs } = this.#session;
    if (control.stopWanted === 'discard') {
      this.#why = 'discard';
      this.#child.kill();
    } else if (this.#why === undefined) {
      if (control.stopWanted === 'keep') this.#ask('keep');
      else if (control.isPauseWanted) this.#ask('pause');
    } else if (Date.now() - this.#askedAt > patienceMs) this.#child.kill();
  }

  #ask(why: Why): void {
    this.#why = why;
    this.#askedAt = Date.now();
    this.#child.ask();
  }

  async *#said(line: string): AsyncGenerator<TrainingEvent, void, void> {
    const said = readLine(line, this.#last?.epoch ?? 0);
    switch (said.kind) {
      case 'console':
        if (said.text !== '') yield { type: 'line', level: 'info', text: said.text, by: 'program' };
        return;
      case 'malformed':
        yield { type: 'line', level: 'info', text: said.text, by: 'program' };
        // It quotes the line.
        yield { type: 'line', level: 'warn', text: `The line above looks like an epoch, but ${said.reason}.`, by: 'program' };
        return;
      case 'diverged':
        if (this.#session.config.protocol !== 'mmrec' || this.#best === undefined) throw reportedDivergence(said.epoch, said.term);
        yield {
          type: 'line',
          level: 'warn',
          text: `Epoch ${said.epoch}: ${said.term} is not finite; the earlier best epoch counts.`,
          by: 'program',
        };
        if (this.#why === undefined) this.#ask('non-finite-loss');
        return;
      case 'epoch':
        yield* this.#epoch(said);
    }
  }

  async *#epoch(said: ReportedEpoch): AsyncGenerator<TrainingEvent, void, void> {
    // What a command still says on its way out is no epoch more: the selection is made.
    if (this.#why !== undefined && this.#why !== 'keep') return;
    const { epoch, loss, terms, learningRate, output } = said;
    const { epochs, patience } = this.#session.config.budget;
    // The budget binds a command as it binds every model, where its epochs are scored.
    if (epoch > epochs) {
      if (this.#best !== undefined) return this.#ask('epoch-limit');
      if (!this.#isWarned)
        yield { type: 'line', level: 'warn', text: `The command goes beyond the budget of ${epochs} epochs that every model has.` };
      this.#isWarned = true;
    }
    const trainSeconds = (performance.now() - this.#epochBegan) / 1000;
    this.#last = said;
    this.#count += 1;
    yield { type: 'phase', stage: mainStage, phase: 'evaluate', epoch };
    const began = performance.now();
    const validation = output === undefined ? {} : yield* this.#score(epoch, output);
    const evaluationSeconds = (performance.now() - began) / 1000;
    yield {
      type: 'epochFinished',
      stage: mainStage,
      epoch,
      ...(loss === undefined ? {} : { loss }),
      terms: { ...terms },
      ...(learningRate === undefined ? {} : { learningRate }),
      trainSeconds,
      evaluationSeconds,
      validation,
      bestEpoch: this.#best?.epoch ?? epoch,
      ...(this.#best === undefined ? {} : { bestValue: this.#best.value }),
      misses: this.#misses,
    };
    yield { type: 'phase', stage: mainStage, phase: 'train', epoch: epoch + 1 };
    if (this.#best !== undefined && this.#why === undefined && this.#misses > patience) this.#ask('early-stopping');
    this.#epochBegan = performance.now();
  }

  /** Scores what was left for an epoch, keeps it where it is the best, and removes the files. */
  async *#score(epoch: number, output: string): AsyncGenerator<TrainingEvent, MetricValues, void> {
    const { evaluator, dataset, config } = this.#session;
    const folder = join(this.#place.output, output);
    const files = await resultIn(folder);
    if (files === undefined) throw malformedOutput(`Epoch ${epoch} names ${output}, where there are neither vectors nor lists.`, folder);
    const { result, remarks } = await readResult(files, evaluator, dataset);
    if (this.#count === 1) for (const text of remarks) yield { type: 'line', level: 'warn', text };
    const lists = await rankResult(evaluator, result, evaluator.usersOf(['validation']));
    const validation = evaluator.score(lists, 'validation').values;
    const value = validation['recall@20'] ?? 0;
    const seen = config.protocol === 'mmrec' ? roundAsReported : (x: number) => x;
    if (this.#best === undefined || seen(value) > seen(this.#best.value)) {
      this.#best = { epoch, value, result };
      this.#misses = 0;
    } else if (epoch > config.budget.minEpochs) this.#misses += 1;
    await rm(folder, { recursive: true, force: true });
    return validation;
  }

  /** What became of it, once it is gone. */
  async *end(): AsyncGenerator<TrainingEvent, ExternalEnd, void> {
    const { evaluator, dataset, runFolder, external, control } = this.#session;
    if (this.#why === 'discard') return { kind: 'discarded' };
    if (this.#why === 'pause') return { kind: 'paused', epoch: this.#last?.epoch ?? 0 };
    const { code, signal } = this.#exit!;
    if (this.#why === undefined && code !== 0)
      throw failedCommand({ code, signal, errors: this.#errors, epoch: this.#last?.epoch ?? 0, external });

    let result = this.#best?.result;
    let bestEpoch = this.#best?.epoch;
    if (result === undefined) {
      const files = await resultIn(this.#place.output);
      if (files === undefined) throw nothingLeft(this.#place.output, this.#why === 'keep');
      const read = await readResult(files, evaluator, dataset);
      for (const text of read.remarks) yield { type: 'line', level: 'warn', text };
      result = read.result;
    }
    if (this.#last === undefined) {
      // It reported nothing: the whole of it is one epoch.
      bestEpoch = 1;
      yield { type: 'phase', stage: mainStage, phase: 'evaluate', epoch: 1 };
      yield* this.#onlyEpoch(result);
    }
    const epochs = this.#last?.epoch ?? 1;
    bestEpoch ??= epochs;
    yield { type: 'phase', stage: mainStage, phase: 'test', epoch: bestEpoch };
    const { validation, test, artifacts } = await conclude(runFolder, evaluator, result);
    const patch = await artifactOf(runFolder, patchArtifact, patchFile);
    await rm(this.#place.output, { recursive: true, force: true });
    const stopReason: StopReason = this.#why === 'keep' ? control.reason : (this.#why ?? 'epoch-limit');
    return {
      kind: 'done',
      result: {
        stopReason,
        epochs,
        bestEpoch,
        validation: validation.values,
        test: test.values,
        artifacts: [...artifacts, ...(patch === undefined ? [] : [patch])],
      },
    };
  }

  async *#onlyEpoch(result: ExternalResult): AsyncGenerator<TrainingEvent, void, void> {
    const { evaluator } = this.#session;
    const trainSeconds = (performance.now() - this.#epochBegan) / 1000;
    const began = performance.now();
    const lists = await rankResult(evaluator, result, evaluator.usersOf(['validation']));
    const validation = evaluator.score(lists, 'validation').values;
    const value = validation['recall@20'];
    yield {
      type: 'epochFinished',
      stage: mainStage,
      epoch: 1,
      terms: {},
      trainSeconds,
      evaluationSeconds: (performance.now() - began) / 1000,
      validation,
      bestEpoch: 1,
      ...(value === undefined ? {} : { bestValue: value }),
      misses: 0,
    };
  }
}
