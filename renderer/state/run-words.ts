/** What a run's page says: why it stopped, what may have gone wrong, which run to hold it against. Pure. */
import { patchArtifact } from '#contract/external.ts';
import { heard } from '#renderer/locales/language.svelte.ts';
import { logToolTitles } from '#contract/log-import.ts';
import type { Problem, ProblemKind } from '#contract/problem.ts';
import type { Artifact, RunSummary } from '#contract/run.ts';
import { verdictWords } from '#contract/search.ts';
import { about, bytes, count, duration, listed, metric } from '#renderer/locales/format.ts';
import { lowerFirst, upperFirst } from '#renderer/locales/sentence.ts';

const best = (run: Pick<RunSummary, 'validation' | 'bestEpoch'>): string => {
  const value = run.validation?.['recall@20'];
  return value === undefined || run.bestEpoch === undefined
    ? 'no epoch was validated'
    : `best validation Recall@20 ${metric(value)} at epoch ${run.bestEpoch}`;
};

/** A stage by its id, as every screen calls it. */
export function stageTitle(id: string): string {
  return id === 'train' ? 'Training' : id === 'warm-up' ? 'Warm-up' : 'Pretraining';
}

/** The line under the title: state, time, why it stopped. */
export function stateLine(run: RunSummary): string {
  const time = duration(run.elapsedSeconds);
  switch (run.state) {
    case 'queued':
      return run.held === true
        ? 'On hold in the queue.'
        : `Waiting${run.queuePosition === undefined ? '' : `, place ${run.queuePosition}`}${run.estimatedSeconds === undefined ? '' : `; it should take ${about(run.estimatedSeconds)}`}.`;
    case 'preparing':
      return 'Preparing: reading the dataset and building graphs.';
    case 'running':
      return run.progress === undefined
        ? 'Running.'
        : `Running for ${time}: epoch ${run.progress.epoch} of at most ${run.progress.epochLimit}, ${best({ ...run, ...(run.progress.bestEpoch === undefined ? {} : { bestEpoch: run.progress.bestEpoch }) })}.`;
    case 'paused':
      if ((run.progress?.epoch ?? run.epochs) + (run.progress?.stageIndex ?? 0) === 0)
        return 'Paused before its first epoch was finished. It begins again when it is resumed.';
      return `Paused after epoch ${run.epochs}: ${best(run)}. It goes on from its checkpoint.`;
    case 'lost':
      return `Interrupted after epoch ${run.epochs} when its studio ended: ${best(run)}. It goes on from its last checkpoint.`;
    case 'failed':
      return `Failed after ${time}: ${lowerFirst(heard(run.problem?.message) ?? 'the reason is unknown')}, ${best(run)}.`;
    case 'stopped':
      if (run.verdict !== undefined)
        return `Stopped after ${time}: ${heard(verdictWords(run.verdict))}, ${best(run)}. It enters no mean and no comparison.`;
      return `Stopped by you after ${time}, epoch ${run.epochs}: ${best(run)}.`;
    case 'imported': {
      const tool = run.imported === undefined ? 'another tool' : logToolTitles[run.imported];
      if (run.epochs === 0) return `Imported from ${tool}: values without curves, of another evaluator.`;
      if (run.bestEpoch === undefined) return `Imported from ${tool}: ${run.epochs} steps logged. Its values are of another evaluator.`;
      return `Imported from ${tool}: ${run.epochs} steps logged, ${best(run)}. Its values are of another evaluator.`;
    }
    case 'finished':
      // The stop names the best epoch already.
      if (run.stopReason === 'early-stopping' && run.bestEpoch !== undefined)
        return `Finished after ${time}: ${stopWords(run)}, validation Recall@20 ${metric(run.validation?.['recall@20'] ?? Number.NaN)}.`;
      return `Finished after ${time}: ${stopWords(run)}, ${best(run)}.`;
  }
}

/** "early stop at 87, best 66". */
export function stopWords(run: Pick<RunSummary, 'stopReason' | 'epochs' | 'bestEpoch' | 'verdict'>): string {
  switch (run.stopReason) {
    case 'early-stopping':
      return `early stop at ${run.epochs}${run.bestEpoch === undefined ? '' : `, best ${run.bestEpoch}`}`;
    case 'epoch-limit':
      if (run.epochs === 1) return 'one epoch, its limit';
      return `stopped at its limit of ${run.epochs} epochs`;
    case 'successive-halving':
      return run.verdict === undefined ? `ended by successive halving at epoch ${run.epochs}` : heard(verdictWords(run.verdict));
    case 'stopped-by-user':
      return `stopped by you at epoch ${run.epochs}`;
    default:
      return `${run.epochs} epochs`;
  }
}

const usual: Record<ProblemKind, string> = {
  data: 'The dataset does not hold what this run needs.',
  config: 'A setting of this run is not possible here.',
  memory: 'The device had no memory left for this batch and model size.',
  diverged: 'The learning rate or a loss weight is too large for this model and dataset.',
  device: 'The device or its driver gave up.',
  disk: 'The disk is full, or the data folder cannot be written.',
  killed: 'The training process was ended from outside, again without progress after its restarts.',
  lost: 'The studio that owned this run ended.',
  cancelled: 'It was cancelled.',
  command: 'Your command stopped by itself; its last lines say why.',
  internal: 'This is a defect of Avocet, not of your settings.',
};

/** The likely reason: settings that differ from the nearest finished run, else what usually causes this kind of problem. */
export function likelyWhy(
  problem: Problem,
  differing: readonly { key: string; own: string; other: string }[],
  otherTitle: string | undefined,
): string {
  if (differing.length === 0 || otherTitle === undefined || problem.kind === 'internal') return usual[problem.kind];
  const words = differing.slice(0, 3).map(({ key, own, other }) => `${key} is ${own} here and ${other} there`);
  const more = differing.length > 3 ? `, and ${differing.length - 3} more settings differ` : '';
  return `${otherTitle} finished: ${listed(words)}${more}. ${usual[problem.kind]}`;
}

/** What a failed run leaves behind. */
export function keptWords(artifacts: readonly Artifact[], run: Pick<RunSummary, 'bestEpoch' | 'epochs'>): string {
  const checkpoints = artifacts.filter((artifact) => artifact.name.startsWith('checkpoint'));
  const size = bytes(checkpoints.reduce((sum, artifact) => sum + artifact.bytes, 0));
  const kept =
    checkpoints.length === 0
      ? 'Its record and console; no checkpoint had been written.'
      : `${checkpoints.map((artifact) => checkpointWords(artifact.name, run)).join(' and ')} (${size}), its curves and console.`;
  return `${upperFirst(kept)} The run stays out of every mean.`;
}

function checkpointWords(name: string, run: Pick<RunSummary, 'bestEpoch'>): string {
  if (name === 'checkpoint-best')
    return run.bestEpoch === undefined ? 'the best checkpoint' : `the best checkpoint, epoch ${run.bestEpoch}`;
  return name === 'checkpoint-last' ? 'the last good checkpoint' : name;
}

/**
 * The finished run to hold this one against: same dataset and model, fewest differing settings. The same seed with one setting changed
 * explains more than the same settings with another seed.
 */
export function nearestGood(run: RunSummary, others: readonly RunSummary[]): RunSummary | undefined {
  const score = (other: RunSummary) => differing(run, other) * 2 + (other.seed === run.seed ? 0 : 3);
  return others
    .filter((other) => other.id !== run.id && other.state === 'finished' && other.dataset === run.dataset && other.model === run.model)
    .sort((a, b) => score(a) - score(b))[0];
}

function differing(a: RunSummary, b: RunSummary): number {
  const values = new Map(b.differences.map(({ key, value }) => [key, value]));
  const keys = new Set([...a.differences.map(({ key }) => key), ...values.keys()]);
  return [...keys].filter((key) => a.differences.find((own) => own.key === key)?.value !== values.get(key)).length;
}

export interface Remedy {
  readonly label: string;
  /** resume goes on in the queue; clone opens the form with these changes. */
  readonly deed: 'resume' | 'clone';
  readonly set?: Readonly<Record<string, string>>;
}

/** The one offered action of each kind of problem, and a second where there is one; `nextSeed` is one that no run of these settings has. */
export function remedies(
  problem: Problem,
  run: Pick<RunSummary, 'seed'>,
  config: { learningRate: number; batchSize: number } | undefined,
  hasCheckpoint: boolean,
  nextSeed = run.seed + 1,
): readonly Remedy[] {
  const resume: Remedy = { label: hasCheckpoint ? 'Resume from the last checkpoint' : 'Run again', deed: 'resume' };
  const again: Remedy = { label: `Rerun with seed ${nextSeed}`, deed: 'clone', set: { seed: String(nextSeed) } };
  switch (problem.kind) {
    case 'diverged': {
      if (config === undefined) return [{ label: 'Clone and change', deed: 'clone' }, again];
      const rate = Number((config.learningRate / 10).toPrecision(6));
      return [{ label: `Clone with learning rate ${rate}`, deed: 'clone', set: { learningRate: String(rate) } }, again];
    }
    case 'memory': {
      if (config === undefined) return [{ label: 'Clone and change', deed: 'clone' }];
      const batch = Math.max(1, Math.floor(config.batchSize / 2));
      return [{ label: `Clone with batch ${batch}`, deed: 'clone', set: { batchSize: String(batch) } }, resume];
    }
    case 'data':
    case 'config':
      return [{ label: 'Clone and change', deed: 'clone' }];
    case 'command':
      return [
        { label: 'Run it again', deed: 'resume' },
        { label: 'Clone and change', deed: 'clone' },
      ];
    case 'device':
    case 'disk':
    case 'killed':
    case 'lost':
    case 'cancelled':
    case 'internal':
      return [resume, { label: 'Clone', deed: 'clone' }];
  }
}

/** What a file of a run holds. */
export function artifactWords(name: string): string {
  return (
    {
      'checkpoint-best': 'Checkpoint of the best epoch',
      'checkpoint-last': 'Checkpoint of the last epoch',
      // While a run goes on, two files are written in turn.
      'checkpoint-last-0': 'Checkpoint of the last epoch or the one before',
      'checkpoint-last-1': 'Checkpoint of the last epoch or the one before',
      top50: 'The 50 best items of each user',
      'top50-scores': 'Their scores',
      users: 'User vectors',
      items: 'Item vectors',
      'item-shares': 'Shares of each modality in the item vectors',
      'per-user-validation': 'Metrics of each user, validation',
      'per-user-test': 'Metrics of each user, test',
      console: 'Console',
      [patchArtifact]: 'What differs from the git commit, as a patch',
      meters: 'Memory and processor over time',
    }[name] ?? name
  );
}

/** What a pause at once costs a run at work: the epoch begun, where one is. */
export function pauseNowWords({ state, progress }: Pick<RunSummary, 'state' | 'progress'>): string {
  if (state !== 'running' || progress === undefined || progress.epoch >= progress.epochLimit) return 'Pause now';
  return `Pause now, dropping epoch ${count(progress.epoch + 1)}`;
}
