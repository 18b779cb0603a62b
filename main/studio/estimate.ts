/**
 * How long runs take: from finished runs of the same model on the same data and device, else from this machine's measured speed,
 * the card's relative cost and the size of the data. Always a range, always with its basis.
 */
import * as v from 'valibot';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { Budget, Estimate, Progress, RunConfig } from '#contract/run.ts';
import { calibrationSchema, type Calibration } from '#contract/task.ts';
import type { Store } from '#store/store.ts';

/** Seconds of one epoch, and how many epochs are to be expected. */
export interface Pace {
  readonly secondsPerEpoch: number;
  readonly epochs: number;
  /** Factor of the range to both sides. */
  readonly spread: number;
  readonly basis: string;
}

/** Work before the first epoch: process, data, graphs. */
const startSeconds = 1.5;

export class Estimator {
  readonly #store: Store;
  readonly #cards: readonly ModelCard[];

  constructor(store: Store, cards: readonly ModelCard[]) {
    this.#store = store;
    this.#cards = cards;
  }

  /** Time of one run, its stages left out; undefined while nothing is known about this machine. */
  run(config: Pick<RunConfig, 'model' | 'budget' | 'device' | 'threads'>, dataset: DatasetSummary): Estimate | undefined {
    const pace = this.pace(config, dataset);
    if (pace === undefined) return undefined;
    const seconds = startSeconds + pace.epochs * pace.secondsPerEpoch;
    return { seconds, low: seconds / pace.spread, high: seconds * pace.spread, basis: pace.basis };
  }

  pace(config: Pick<RunConfig, 'model' | 'budget' | 'device' | 'threads'>, dataset: DatasetSummary): Pace | undefined {
    const past = this.#store.runs.history(config.model, dataset.id, config.device);
    if (past.length > 0) {
      const secondsPerEpoch = median(past.map((run) => run.secondsPerEpoch));
      const epochs = within(config.budget, median(past.map((run) => run.epochs)));
      return {
        secondsPerEpoch,
        epochs,
        spread: past.length >= 3 ? 1.25 : 1.5,
        basis: `from ${past.length} past ${past.length === 1 ? 'run' : 'runs'}`,
      };
    }
    const calibration = this.calibration(config.device);
    const card = this.#cards.find((candidate) => candidate.id === config.model);
    if (calibration === undefined || card === undefined) return undefined;
    return {
      secondsPerEpoch: epochSeconds(calibration, card, dataset, config.budget),
      epochs: within(config.budget, epochsFor(card, dataset, config.budget)),
      spread: 2,
      basis: 'from this machine’s speed',
    };
  }

  calibration(device: string): Calibration | undefined {
    const parsed = v.safeParse(calibrationSchema, this.#store.preferences.calibration(device)?.value);
    return parsed.success ? parsed.output : undefined;
  }

  /** Time left of a live run: its own speed once it has one, to the epoch where runs like it usually stop. */
  left(config: RunConfig, dataset: DatasetSummary | undefined, progress: Progress): Estimate | undefined {
    const pace = dataset === undefined ? undefined : this.pace(config, dataset);
    const own = progress.secondsPerEpoch;
    const secondsPerEpoch =
      own === undefined ? pace?.secondsPerEpoch : Math.max(own, progress.epoch >= 3 ? own : (pace?.secondsPerEpoch ?? own));
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
      basis: progress.epoch >= 3 ? 'from this run' : (pace?.basis ?? 'from this run'),
    };
  }
}

/** Steps an epoch on Amazon Baby, where the cards' typical numbers of epochs come from. */
const stepsOnBaby = 58;

/**
 * Epochs without any history. Fewer steps an epoch take more epochs, but by far not as many more: between Baby (58 steps), TikTok (30)
 * and the demo (4) the best epochs of LightGCN and MGCN go with the fourth root.
 */
function epochsFor(card: ModelCard, dataset: DatasetSummary, budget: Budget): number {
  const steps = Math.ceil(dataset.train / budget.batchSize);
  return Math.round(card.cost.typicalEpochs * (stepsOnBaby / steps) ** 0.25);
}

/** Epochs to expect within a budget: what is typical, but neither past the limit nor before patience can run out. */
function within(budget: Budget, typical: number): number {
  return Math.min(budget.epochs, Math.max(typical, budget.minEpochs + budget.patience + 1));
}

/**
 * One epoch with its evaluation. A calibrated step costs propagation over the edges and work on the batch rows; for LightGCN, which
 * is the measure, both are taken as equal per million multiply-adds: edges · layers · 4 (forward, backward, two sides) against rows · 12.
 */
export function epochSeconds(calibration: Calibration, card: ModelCard, dataset: DatasetSummary, budget: Budget): number {
  const measured = calibration.edges * calibration.layers * 2 + calibration.batchSize * 12;
  const unit = calibration.secondsPerStep / measured;
  const edges = dataset.train * 2;
  const steps = Math.ceil(dataset.train / budget.batchSize);
  const propagation = steps * edges * 3 * 2 * card.cost.perEdge;
  const rows = dataset.train * 12 * card.cost.perBatchRow;
  const scores = (Math.min(dataset.users, dataset.validation) * dataset.items) / 1e6;
  return (propagation + rows) * unit * (budget.width / 64) + scores * calibration.secondsPerMillionScores;
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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
