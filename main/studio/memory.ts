/** How much memory a run will take at its peak: from past runs of the model on the dataset and device, else from its size. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { ModelCard } from '#contract/model-card.ts';
import type { RunConfig } from '#contract/run.ts';
import type { PastMemory, PastRuns } from '#store/past-runs.ts';

export interface MemoryEstimate {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
  readonly basis: string;
}

type Sized = Pick<RunConfig, 'model' | 'device' | 'budget'>;

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
/** Edges of the graph both ways, with index, weight and the transpose. */
const bytesPerEdge = 48;

export class MemoryEstimator {
  readonly #past: Pick<PastRuns, 'memory'>;
  readonly #cards: readonly ModelCard[];

  constructor({ past }: { readonly past: Pick<PastRuns, 'memory'> }, cards: readonly ModelCard[]) {
    this.#past = past;
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
    return new MemoryEstimator({ past: { memory } }, this.#cards);
  }

  /** Undefined for models that are not computed here. */
  run(config: Sized, dataset: DatasetSummary): MemoryEstimate | undefined {
    const card = this.#cards.find(({ id }) => id === config.model);
    if (card === undefined) return undefined;
    const size = sizeOf(card, dataset, config.budget) + (isOnGraphics(config) ? 0 : processBytes);
    // What a process held in main memory says nothing about a graphics processor.
    const past = isOnGraphics(config) ? [] : this.#past.memory(config.model, dataset.id, config.device);
    if (past.length === 0) return { bytes: size, low: size / 1.6, high: size * 1.6, basis: 'from the model’s size' };
    const peaks = past
      .map(({ peakMemoryBytes, batchSize, width }) => {
        // Another batch or width moves the peak by as much as it moves the size.
        const then = sizeOf(card, dataset, { batchSize, width });
        return Math.max(processBytes / 2, peakMemoryBytes + sizeOf(card, dataset, config.budget) - then);
      })
      .sort((a, b) => a - b);
    const isAlike = past.some(({ batchSize, width }) => batchSize === config.budget.batchSize && width === config.budget.width);
    const spread = isAlike ? (peaks.length >= 3 ? 1.1 : 1.2) : 1.4;
    const bytes = peaks[Math.floor(peaks.length / 2)]!;
    return {
      bytes,
      low: Math.min(peaks[0]!, bytes / spread),
      high: Math.max(peaks[peaks.length - 1]!, bytes * spread),
      basis: `from ${past.length} past ${past.length === 1 ? 'run' : 'runs'}${isAlike ? '' : ' with another batch or width'}`,
    };
  }
}

/** webgpu computes on the graphics processor; TensorFlow does where it has one, which its process alone knows. */
export function isOnGraphics({ device }: Pick<RunConfig, 'device'>): boolean {
  return device === 'webgpu';
}

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
