/**
 * What the benchmark measures and what was aimed at (the goals are ratios to plain PyTorch with two threads in the same call).
 * Pure: the figures come from elsewhere.
 */
import type { SizeId } from './drawn-dataset.ts';

export type BenchDevice = 'wasm' | 'tensorflow';

/** What a goal bounds: the ratio to the peer's harness form, the milliseconds themselves, or peak memory in MB. */
export type GoalKind = 'ratio' | 'ms' | 'MB';

export interface Goal {
  readonly kind: GoalKind;
  readonly at: Readonly<Partial<Record<BenchDevice, number>>>;
  /** Whether the ratio to the peer's best form must be below 1 as well. */
  readonly beatsBest?: boolean;
}

export type Family =
  | 'training'
  | 'evaluation'
  | 'neighbours'
  | 'sampling'
  | 'memory'
  | 'native'
  | 'import'
  | 'open'
  | 'start'
  | 'scale'
  | 'growth'
  | 'overhead'
  | 'neighbour';

export interface Work {
  readonly id: string;
  readonly family: Family;
  /** What the milliseconds are of. */
  readonly title: string;
  readonly model: string;
  readonly size: SizeId;
  /** 2048 where absent. */
  readonly batchSize?: number;
  /** Settings beside the card's defaults. */
  readonly hyper?: Readonly<Record<string, number | string>>;
  readonly goal?: Goal;
}

const ratio = (wasm: number, tensorflow: number, beatsBest = false): Goal => ({ kind: 'ratio', at: { wasm, tensorflow }, beatsBest });

// λ above 0: with 0 our FREEDOM leaves the projections out, which harnesses compute and multiply by nothing.
const freedom = { model: 'freedom', hyper: { reg_weight: 1e-3 } } as const;

export const works: readonly Work[] = [
  { id: 'lightgcn', family: 'training', title: 'epoch, 3 layers', model: 'lightgcn', size: 'baby', goal: ratio(0.33, 0.2, true) },
  { id: 'freedom', family: 'training', title: 'epoch, λ 1e-3', ...freedom, size: 'baby', goal: ratio(0.33, 0.2, true) },
  { id: 'mgcn', family: 'training', title: 'epoch, 128-d', model: 'mgcn', size: 'baby', goal: ratio(0.4, 0.25, true) },
  { id: 'egra', family: 'training', title: 'epoch, 128-d', model: 'egra', size: 'baby', goal: ratio(0.4, 0.25) },
  { id: 'siger', family: 'training', title: 'epoch, 128-d', model: 'siger', size: 'baby', goal: ratio(0.4, 0.25) },
  { id: 'mgcn-wide', family: 'training', title: 'epoch, 4096-d + 384-d', model: 'mgcn', size: 'baby-wide', goal: ratio(1, 0.7) },
  { id: 'evaluation', family: 'evaluation', title: 'all users, top 50, metrics', model: 'lightgcn', size: 'baby', goal: ratio(0.15, 0.12) },
  { id: 'knn', family: 'neighbours', title: 'item graph, k 10, 128-d', model: 'lightgcn', size: 'baby' },
  { id: 'sampling', family: 'sampling', title: 'negatives and batches of an epoch', model: 'lightgcn', size: 'baby' },
  { id: 'mgcn-memory', family: 'memory', title: 'peak memory, 128-d', model: 'mgcn', size: 'baby', goal: ratio(0.5, 0.5) },
  {
    id: 'lightgcn-native',
    family: 'native',
    title: 'step, 3 layers; peer: native C',
    model: 'lightgcn',
    size: 'baby',
    goal: { kind: 'ratio', at: { wasm: 1.5 } },
  },
  { id: 'import', family: 'import', title: 'folder of Baby size', model: 'lightgcn', size: 'baby' },
  {
    id: 'open',
    family: 'open',
    title: 'Baby with 4096-d and 384-d features for a run',
    model: 'mgcn',
    size: 'baby-wide',
    goal: { kind: 'ms', at: { wasm: 300, tensorflow: 300 } },
  },
  {
    id: 'start',
    family: 'start',
    title: 'LightGCN: fork to first batch',
    model: 'lightgcn',
    size: 'baby',
    goal: { kind: 'ms', at: { wasm: 1500, tensorflow: 1500 } },
  },
  {
    id: 'start-mgcn',
    family: 'start',
    title: 'MGCN: fork to first batch',
    model: 'mgcn',
    size: 'baby',
    goal: { kind: 'ms', at: { wasm: 1500, tensorflow: 1500 } },
  },
  {
    id: 'electronics',
    family: 'scale',
    title: 'LightGCN epoch, Electronics size',
    model: 'lightgcn',
    size: 'electronics',
    goal: { kind: 'MB', at: { wasm: 4096, tensorflow: 4096 } },
  },
  {
    id: 'electronics-mgcn',
    family: 'scale',
    title: 'MGCN epoch, Electronics size, 128-d',
    model: 'mgcn',
    size: 'electronics',
    goal: { kind: 'MB', at: { wasm: 4096, tensorflow: 4096 } },
  },
  {
    id: 'growth',
    family: 'growth',
    title: 'LightGCN epoch of 58 steps, 10 × Baby; ratio: to ten of 1 ×',
    model: 'lightgcn',
    size: 'baby-tenfold',
    // A step passes over the whole graph: with the same batch the steps of an epoch would grow tenfold too, and the epoch a hundredfold.
    batchSize: 20_480,
    goal: ratio(1, 1),
  },
  {
    id: 'growth-fixed',
    family: 'growth',
    title: 'the same with batches of 2,048: ten times the steps, each over ten times the graph',
    model: 'lightgcn',
    size: 'baby-tenfold',
  },
  {
    id: 'overhead',
    family: 'overhead',
    title: 'supervised epoch; ratio: with what supervision takes at most',
    model: 'lightgcn',
    size: 'baby',
    goal: ratio(1.01, 1.01),
  },
  {
    id: 'neighbour',
    family: 'neighbour',
    title: 'LightGCN epoch beside a busy process on one of two cores; peer: without it',
    model: 'lightgcn',
    size: 'baby',
    // Two threads on the one core and a half that a fair scheduler leaves them; a hundredth for the switching.
    goal: { kind: 'ratio', at: { wasm: 1.35 } },
  },
];

export interface Figures {
  readonly ms?: number | null;
  readonly peakMb?: number | null;
  readonly ratio?: number | null;
  readonly bestRatio?: number | null;
}

/** The bound for this device, or null where there is none. Ratios to the peer bind at two of its threads alone. */
export function goalOf(work: Work, device: BenchDevice, peerThreads: number): number | null {
  if (work.goal === undefined) return null;
  if (work.goal.kind === 'ratio' && peerThreads !== 2) return null;
  return work.goal.at[device] ?? null;
}

/** Whether the figures reach the goal; null where there is no goal or nothing to hold against it. */
export function isMet(work: Work, goal: number | null, figures: Figures): boolean | null {
  if (goal === null || work.goal === undefined) return null;
  const value = { ratio: figures.ratio, ms: figures.ms, MB: figures.peakMb }[work.goal.kind];
  if (value === undefined || value === null) return null;
  if (value > goal) return false;
  if (work.goal.beatsBest !== true) return true;
  // The harness form alone says nothing about the best one.
  if (figures.bestRatio === undefined || figures.bestRatio === null) return null;
  return figures.bestRatio < 1;
}
