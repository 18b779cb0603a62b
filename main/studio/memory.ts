/** How much memory a run will take at its peak: from past runs of the model on the dataset and device, from a probe, else from its size. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { IndexedDataset } from '#store/datasets.ts';
import type { PastMemory, PastRuns } from '#store/past-runs.ts';
import type { PreferenceTable } from '#store/preferences.ts';
import type { Store } from '#store/store.ts';
import { isOnGraphics } from './lanes.ts';
import { MemoryBook, type ProbeBook } from './memory-book.ts';

export interface MemoryEstimate {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  readonly basis: string;
  /** What each source alone says; history with its runs. */
  readonly sources: {
    readonly size: number;
    readonly history?: { readonly bytes: number; readonly runs: number };
    readonly probe?: { readonly bytes: number; readonly at: number };
  };
}

type Sized = Pick<RunConfig, 'model' | 'device' | 'budget' | 'hyper'>;

/** A worker with its program and the smallest of datasets, as measured. */
const processBytes = 165e6;
/** Copies of the id tables that live at the peak: values, slopes, two moments, layers, what a checkpoint writes and what ranks. */
const tableCopies = 20;
/** More of them for each LightGCN's worth of work over edges: views and layers that the step keeps for its slopes. */
const copiesPerEdge = 4.4;
/** Features as read, and what encoders and neighbour graphs make of them. */
const featureCopies = 1.2;
/** A training row's intermediate values; beyond this a model's work is done in blocks. */
const mostRowValues = 150;
/**
 * Whole runs held more than a probe of two batches: 0.96 to 1.34 times on the demo (LightGCN, FREEDOM, VBPR, MGCN, BM3, SIGER, EGRA; median 1.14),
 * 1.21 to 1.54 on Baby (EGRA, MGCN, SIGER). What is freed is handed back late, and every shape of batch has its own plan.
 */
const probeGrowth = 1.15;
const probeSpread = { low: 1.2, high: 1.35 };
/** Edges of the graph both ways, with index, weight and the transpose. */
const bytesPerEdge = 48;

/** The estimator of a data folder; `machine` is the id of this one: what was tried on another is not its own. */
export function memoryEstimator(
  store: { readonly past: Pick<PastRuns, 'memory'>; readonly preferences: PreferenceTable },
  cards: readonly ModelCard[],
  machine = '',
): MemoryEstimator {
  return new MemoryEstimator({ past: store.past, book: new MemoryBook(store.preferences, machine) }, cards);
}

export class MemoryEstimator {
  /** What probes found. */
  readonly book: ProbeBook;
  readonly #past: Pick<PastRuns, 'memory'>;
  readonly #cards: readonly ModelCard[];

  constructor({ past, book }: { readonly past: Pick<PastRuns, 'memory'>; readonly book: ProbeBook }, cards: readonly ModelCard[]) {
    this.#past = past;
    this.book = book;
    this.#cards = cards;
  }

  /** The same, asking for the past of a model on a dataset and device once: a plan has a thousand cells, and halves batches until they fit. */
  forPlan(): MemoryEstimator {
    const known = new Map<string, PastMemory[]>();
    const memory: PastRuns['memory'] = (...asked) => {
      const key = JSON.stringify(asked);
      const found = known.get(key) ?? this.#past.memory(...asked);
      known.set(key, found);
      return found;
    };
    return new MemoryEstimator({ past: { memory }, book: this.book.forPlan() }, this.#cards);
  }

  /**
   * Undefined for models that are not computed here. Runs alike that were whole say most, then what was tried, then runs with another batch
   * or width, and a formula where nothing else is known. `onGraphics`: it computes on a graphics processor, whose memory is asked for.
   */
  run(
    config: Sized,
    { summary: dataset, dataHash }: Pick<IndexedDataset, 'summary' | 'dataHash'>,
    onGraphics = isOnGraphics(config),
  ): MemoryEstimate | undefined {
    const card = this.#cards.find(({ id }) => id === config.model);
    if (card === undefined) return undefined;
    const { budget } = config;
    const size = sizeOf(card, dataset, budget) + (onGraphics ? 0 : processBytes);
    const fromSize = { bytes: size, low: size / 1.6, high: size * 1.6, basis: 'from the model’s size', sources: { size } };
    // What a process held in main memory says nothing about a graphics processor.
    if (onGraphics) return fromSize;
    const here = (bytes: number, then: SizedBudget) =>
      // Another batch or width moves the peak by as much as it moves the size.
      Math.max(processBytes / 2, bytes + sizeOf(card, dataset, budget) - sizeOf(card, dataset, then));
    const isAlike = (then: SizedBudget) => then.batchSize === budget.batchSize && then.width === budget.width;

    const past = this.#past.memory(config.model, dataset.id, config.device);
    const peaks = past.map((run) => here(run.peakMemoryBytes, run)).sort((a, b) => a - b);
    const probes = this.book.of(config, dataset.id, dataHash);
    const probe = probes.find(isAlike) ?? probes[0];
    const tried = probe === undefined ? undefined : here(probe.bytes * probeGrowth, probe);
    const history = peaks[Math.floor(peaks.length / 2)];
    const sources = {
      size,
      ...(history === undefined ? {} : { history: { bytes: history, runs: past.length } }),
      ...(probe === undefined || tried === undefined ? {} : { probe: { bytes: tried, at: probe.at } }),
    };
    const isPastAlike = past.some(isAlike);
    if (history !== undefined && (isPastAlike || tried === undefined)) {
      const spread = isPastAlike ? (peaks.length >= 3 ? 1.1 : 1.2) : 1.4;
      return {
        bytes: history,
        low: Math.min(peaks[0]!, history / spread),
        high: Math.max(peaks[peaks.length - 1]!, history * spread),
        basis: `from ${past.length} past ${past.length === 1 ? 'run' : 'runs'}${isPastAlike ? '' : ' with another batch or width'}`,
        sources,
      };
    }
    if (tried === undefined) return { ...fromSize, sources };
    const spread = isAlike(probe!) ? probeSpread : { low: 1.4, high: 1.4 };
    return {
      bytes: tried,
      low: tried / spread.low,
      high: tried * spread.high,
      basis: isAlike(probe!) ? 'from a probe' : 'from a probe with another batch or width',
      sources,
    };
  }
}

/**
 * What a run of the store is expected to take at its peak, its stages included, which share its process one after the other. Undefined where
 * nothing says it: models of one's own, datasets that are gone.
 */
export function peakOf(
  estimator: MemoryEstimator,
  store: Pick<Store, 'runs' | 'datasets'>,
  runId: string,
  onGraphics: boolean,
): number | undefined {
  const config = store.runs.config(runId);
  const dataset = config === undefined ? undefined : store.datasets.get(config.dataset);
  if (config === undefined || dataset === undefined || config.external !== undefined) return undefined;
  const own = estimator.run(config, dataset, onGraphics);
  const stages = own?.sources.probe === undefined ? store.runs.stages(runId).filter(({ model }) => model !== config.model) : [];
  const all = [own, ...stages.map(({ model }) => estimator.run({ ...config, model, hyper: {} }, dataset, onGraphics))];
  const known = all.flatMap((estimate) => (estimate === undefined ? [] : [estimate.bytes]));
  return known.length === 0 ? undefined : Math.max(...known);
}

type SizedBudget = Pick<RunConfig['budget'], 'batchSize' | 'width'>;

/** Bytes of a training without its process, from the model's card: fitted to LightGCN, FREEDOM, MGCN, EGRA and SIGER on Baby and the demo. */
export function sizeOf(
  card: ModelCard,
  dataset: DatasetSummary,
  { batchSize, width }: Pick<RunConfig['budget'], 'batchSize' | 'width'>,
): number {
  const { perEdge, perBatchRow } = card.cost;
  const tables = (dataset.users + dataset.items) * width * 4;
  const features = card.needs.length === 0 ? 0 : dataset.items * dataset.modalities.reduce((sum, each) => sum + each.width, 0) * 4;
  const batch = Math.min(perBatchRow, mostRowValues) * Math.min(batchSize, dataset.train) * width * 4;
  return tables * (tableCopies + copiesPerEdge * perEdge) + features * featureCopies + batch + dataset.train * bytesPerEdge;
}
