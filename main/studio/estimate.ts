/**
 * How long runs take: from finished runs of the same model on the same data, device and number of threads, else from those on other
 * threads by how the measured speeds differ, else from a run of it at work, else from this machine's measured speed, the card's relative cost
 * and the size of the data. Where the runs at work are slower than such runs used to be, so will those after them be. Always a range, always with its basis.
 */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { Budget, Estimate, Progress, RunConfig } from '#contract/run.ts';
import type { Calibration } from '#contract/task.ts';
import { aggregate } from '#stats/aggregate.ts';
import { median } from '#stats/median.ts';
import type { PastRun } from '#store/past-runs.ts';
import type { Store } from '#store/store.ts';
import { LiveLoad, loadKey } from './live-load.ts';
import type { DeviceName, SpeedBook } from './speeds.ts';

/** Seconds of one epoch, and how many epochs are to be expected. */
export interface Pace {
  readonly secondsPerEpoch: number;
  readonly epochs: number;
  /** How many they are on average: runs that go on for long count for more than those that end early, and a sum of runs is a sum of averages. */
  readonly meanEpochs: number;
  readonly meanSecondsPerEpoch: number;
  /** Factor of the range to both sides. */
  readonly spread: number;
  /** By how much it is longer than usual, as the runs at work are: the low end of a range leaves it out. */
  readonly load: number;
  readonly basis: string;
}

interface Paced {
  /** Of an epoch, one for each run. */
  readonly seconds: readonly number[];
  readonly isScaled: boolean;
}

/** Work before the first epoch: process, data, graphs. */
const startSeconds = 0.6;

export class Estimator {
  readonly #store: Store;
  readonly #cards: readonly ModelCard[];
  readonly #speeds: SpeedBook;
  readonly #load: LiveLoad;

  constructor(store: Store, cards: readonly ModelCard[], speeds: SpeedBook, load = new LiveLoad(store)) {
    this.#load = load;
    this.#store = store;
    this.#cards = cards;
    this.#speeds = speeds;
  }

  /** Time of one run, its stages left out; undefined while nothing is known about this machine. */
  run(config: Pick<RunConfig, 'model' | 'budget' | 'device' | 'threads'>, dataset: DatasetSummary): Estimate | undefined {
    const pace = this.pace(config, dataset);
    if (pace === undefined) return undefined;
    const start = this.calibration(config.device, config.threads)?.startSeconds ?? startSeconds;
    const seconds = start + pace.meanEpochs * pace.meanSecondsPerEpoch;
    return { seconds, low: seconds / (pace.spread * pace.load), high: seconds * pace.spread, basis: pace.basis };
  }

  /** Seconds of an epoch and how many there will be, with the factor of the range; undefined while nothing is known about this machine. */
  pace(config: Pick<RunConfig, 'model' | 'budget' | 'device' | 'threads'>, dataset: DatasetSummary): Pace | undefined {
    const past = this.#store.past.history(config.model, dataset.id, config.device);
    const card = this.#cards.find((candidate) => candidate.id === config.model);
    // A command of one's own has no typical number of epochs: nobody knows it before the first of its runs has ended.
    if (card === undefined && past.length === 0) return undefined;
    // Runs that a small budget cut short say how fast epochs are, not how many it takes. Threads do not matter to that.
    const whole = past.filter((run) => run.isWhole).map((run) => run.epochs);
    const usual = card === undefined ? median(past.map((run) => run.epochs)) : usualEpochs(whole, epochsFor(card, dataset, config.budget));
    const epochs = within(config.budget, usual);
    const meanEpochs = within(config.budget, Math.round(usual * meanFactor(whole)));
    const paced = this.#seconds(past, config);
    if (paced !== undefined) {
      const { seconds, isScaled } = paced;
      const { factor } = this.#load.get();
      return {
        secondsPerEpoch: median(seconds) * factor,
        meanSecondsPerEpoch: steadyMean(seconds) * factor,
        load: factor,
        epochs,
        meanEpochs,
        spread: isScaled ? 2 : seconds.length >= 3 ? 1.25 : 1.5,
        basis: `from ${seconds.length} past ${seconds.length === 1 ? 'run' : 'runs'}${isScaled ? ' on other threads' : ''}${factor > 1 ? ', at the pace of the runs at work' : ''}`,
      };
    }
    const live = this.#load.get().epochs.get(loadKey({ model: config.model, dataset: dataset.id, device: config.device }));
    if (live !== undefined)
      return { secondsPerEpoch: live, meanSecondsPerEpoch: live, load: 1, epochs, meanEpochs, spread: 1.5, basis: 'from a run at work' };
    const calibration = this.calibration(config.device, config.threads);
    if (calibration === undefined || card === undefined) return undefined;
    const secondsPerEpoch = epochSeconds(calibration, card, dataset, config.budget);
    return {
      secondsPerEpoch,
      meanSecondsPerEpoch: secondsPerEpoch,
      epochs,
      meanEpochs,
      load: 1,
      spread: 2,
      basis: 'from this machine’s speed',
    };
  }

  /** What an epoch takes by past runs; undefined where they had other threads and nothing says how that compares, but a speed is known. */
  #seconds(past: readonly PastRun[], { device, threads }: Pick<RunConfig, 'device' | 'threads'>): Paced | undefined {
    if (past.length === 0) return undefined;
    const asked = threads > 0 ? threads : this.#speeds.usual(device);
    const alike = past.filter((run) => (run.threads ?? asked) === asked);
    if (alike.length > 0) return { seconds: alike.map((run) => run.secondsPerEpoch), isScaled: false };
    const scaled = past.flatMap((run) => {
      const factor = this.#factor(device, run.threads!, asked);
      return factor === undefined ? [] : [run.secondsPerEpoch * factor];
    });
    if (scaled.length > 0) return { seconds: scaled, isScaled: true };
    if (this.calibration(device, threads) !== undefined) return undefined;
    return { seconds: past.map((run) => run.secondsPerEpoch), isScaled: true };
  }

  /** Measured time of steps with `to` threads to that with `from`. */
  #factor(device: DeviceName, from: number, to: number): number | undefined {
    const [before, after] = [from, to].map((threads) => {
      const found = this.#speeds.calibration(device, threads);
      return found?.threads === threads ? found.secondsPerStep + found.secondsPerMultimodalStep : undefined;
    });
    return before === undefined || after === undefined ? undefined : after / before;
  }

  calibration(device: DeviceName, threads: number): Calibration | undefined {
    return this.#speeds.calibration(device, threads);
  }

  /**
   * Time left of a live stage, to the epoch where runs like it usually stop. `ownSeconds` is what an epoch has taken so far, waits
   * included; a few epochs must have passed before it is believed.
   */
  left(config: RunConfig, dataset: DatasetSummary | undefined, progress: Progress, ownSeconds: number | undefined): Estimate | undefined {
    const pace = dataset === undefined ? undefined : this.pace(config, dataset);
    const own = progress.epoch >= 3 ? (ownSeconds ?? progress.secondsPerEpoch) : undefined;
    const secondsPerEpoch = own ?? pace?.secondsPerEpoch ?? progress.secondsPerEpoch;
    if (secondsPerEpoch === undefined) return undefined;
    // A run cannot stop before its misses are used up, whatever others did.
    const earliest = Math.max(progress.epoch, progress.minEpochs) + Math.max(1, progress.patience + 1 - progress.misses);
    const last = Math.min(progress.epochLimit, Math.max(earliest, pace?.epochs ?? earliest));
    const seconds = Math.max(0, last - progress.epoch) * secondsPerEpoch;
    const spread = progress.epoch >= 10 ? 1.3 : (pace?.spread ?? 2);
    return {
      seconds,
      low: seconds / spread,
      high: seconds * spread,
      basis: own === undefined ? (pace?.basis ?? 'from this run') : 'from this run',
    };
  }
}

/** Steps an epoch on Amazon Baby, where the cards' typical numbers of epochs come from. */
const stepsOnBaby = 58;

/**
 * Epochs without any history. Fewer steps an epoch take more epochs, but by far not as many more: the small power is fitted to the epochs
 * that LightGCN, MGCN and EGRA took on Baby (58 steps), TikTok (30) and the demo (4).
 */
function epochsFor(card: ModelCard, dataset: DatasetSummary, budget: Budget): number {
  const steps = Math.ceil(dataset.train / budget.batchSize);
  return Math.round(card.cost.typicalEpochs * (stepsOnBaby / steps) ** 0.15);
}

/** Seeds of one configuration stop up to three times as late as others: until a few runs are known, what is typical counts as two of them. */
const typicalWeight = 2;

/** Epochs to expect from runs that ended by themselves and from what is typical, as their geometric mean: lengths spread by factors. */
function usualEpochs(whole: readonly number[], typical: number): number {
  const sum = whole.reduce((total, epochs) => total + Math.log(epochs), typicalWeight * Math.log(typical));
  return Math.round(Math.exp(sum / (typicalWeight + whole.length)));
}

/** A mean that one run beside a machine asleep does not decide: no value counts for more than three medians. */
function steadyMean(seconds: readonly number[]): number {
  const most = 3 * median(seconds);
  return seconds.reduce((sum, value) => sum + Math.min(value, most), 0) / seconds.length;
}

/** The mean over the geometric mean of lengths that spread by factors (log-normal): exp(s²/2). With fewer than three it is not known. */
function meanFactor(whole: readonly number[]): number {
  if (whole.length < 3) return 1;
  const { sd = 0 } = aggregate(whole.map(Math.log)) ?? {};
  return Math.exp(sd ** 2 / 2);
}

/** Epochs to expect within a budget: what is typical, but neither past the limit nor before patience can run out. */
function within(budget: Budget, typical: number): number {
  return Math.min(budget.epochs, Math.max(typical, budget.minEpochs + budget.patience + 1));
}

/** Adam moves every number of the id tables in every step, for each model: its share of a calibrated step, per number and per edge of a layer. */
const perNumber = 14;
const perEdge = 41 / 3;
/** Drawing batches, reading the loss and letting messages through, next to the bare step that calibration measures. */
const aroundSteps = 1.3;
/** A checkpoint is written and flushed after every epoch: a fixed wait, and its bytes (values and two moments of each). */
const checkpointSeconds = 0.012;
const checkpointBytesPerSecond = 150e6;

/**
 * One epoch with evaluation and checkpoint. A calibrated step (LightGCN) is split over its numbers and edges; the card's costs say
 * how much more a model does per edge and per batch row.
 */
function epochSeconds(calibration: Calibration, card: ModelCard, dataset: DatasetSummary, budget: Budget): number {
  const unit = calibration.secondsPerStep / (calibration.edges * calibration.layers * 2 + calibration.batchSize * 12);
  const numberUnit =
    (calibration.secondsPerStep * perNumber) / (calibration.parameters * perNumber + calibration.edges * calibration.layers * perEdge);
  const steps = Math.ceil(dataset.train / budget.batchSize);
  const numbers = (dataset.users + dataset.items) * budget.width;
  const propagation = steps * dataset.train * 2 * 3 * 2 * card.cost.perEdge;
  const rows = dataset.train * 12 * card.cost.perBatchRow;
  // Mirror Gradient takes a second step on every β-th batch.
  const times = budget.mirror === undefined || budget.mirror === 0 ? 1 : 1 + 1 / (budget.mirrorEvery ?? 3);
  const training = times * ((propagation + rows) * unit * (budget.width / calibration.width) + steps * numbers * numberUnit);
  const scores = (Math.min(dataset.users, dataset.validation) * dataset.items) / 1e6;
  const checkpoint = checkpointSeconds + (numbers * 3 * 4) / checkpointBytesPerSecond;
  return (training + scores * calibration.secondsPerMillionScores) * aroundSteps + checkpoint;
}

/** The sum of estimates side by side on `lanes` lanes; undefined where one of them is. */
export function totalOf(estimates: readonly (Estimate | undefined)[], lanes: number): Estimate | undefined {
  let seconds = 0;
  let low = 0;
  let high = 0;
  let basis = '';
  for (const estimate of estimates) {
    if (estimate === undefined) return undefined;
    seconds += estimate.seconds;
    low += estimate.low;
    high += estimate.high;
    // The least certain basis speaks for the sum.
    if (basis === '' || estimate.basis.startsWith('from this machine')) basis = estimate.basis;
  }
  const width = Math.max(1, Math.min(lanes, estimates.length));
  return { seconds: seconds / width, low: low / width, high: high / width, basis };
}
