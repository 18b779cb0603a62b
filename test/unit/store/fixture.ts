import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { budgetSchema, type MetricValues, type RunConfig } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { runsQuerySchema, type RunsQuery } from '#contract/view.ts';
import type { ParsedRunsQuery } from '#store/runs-conditions.ts';
import { openStore, type Store } from '#store/store.ts';
import type { SequencedEvent } from '#store/training-events.ts';

export interface Home {
  readonly folder: string;
  remove(): void;
}

export function temporaryHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-store-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface RunWish {
  readonly id: string;
  readonly experiment?: string;
  readonly dataset?: string;
  readonly model?: string;
  readonly configuration?: string;
  readonly hyper?: RunConfig['hyper'];
  readonly seed?: number;
  readonly differences?: readonly { key: string; value: string }[];
  readonly testShown?: boolean;
  readonly stages?: readonly { id: string; model: string; key: string }[];
}

const request = v.parse(experimentRequestSchema, { datasets: ['demo'], models: [{ model: 'lightgcn' }], seeds: [1] });

export function addExperiment(store: Store, id: string, name = id): void {
  store.experiments.insert({ id, name, question: '', note: '', createdAt: 1000, protocol: 'validation', request });
}

export function addRun(store: Store, wish: RunWish): void {
  const experimentId = wish.experiment ?? 'exp-a';
  if (store.experiments.get(experimentId) === undefined) addExperiment(store, experimentId);
  const model = wish.model ?? 'lightgcn';
  const config: RunConfig = {
    dataset: wish.dataset ?? 'demo',
    model,
    hyper: wish.hyper ?? { n_layers: 3 },
    seed: wish.seed ?? 1,
    budget: v.parse(budgetSchema, { epochs: 100 }),
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 1,
  };
  store.runs.insert({
    id: wish.id,
    experimentId,
    datasetName: wish.dataset ?? 'Demo',
    dataHash: 'data',
    modelTitle: model.toUpperCase(),
    inferred: false,
    configuration: wish.configuration ?? `${model}-config`,
    config,
    differences: wish.differences ?? [],
    createdAt: 2000,
    estimate: { seconds: 12, low: 6, high: 24, basis: 'from this machine’s speed' },
    testShown: wish.testShown ?? false,
    stages: wish.stages ?? [{ id: 'train', model, key: '' }],
  });
}

type Epoch = Extract<TrainingEvent, { type: 'epochFinished' }>;

export function epoch(number: number, more: Partial<Epoch> = {}): Epoch {
  return {
    type: 'epochFinished',
    stage: 'train',
    epoch: number,
    loss: 10 / number,
    terms: { bpr: 9 / number },
    learningRate: 1e-3,
    trainSeconds: 0.5,
    evaluationSeconds: 0.1,
    validation: { 'recall@20': number / 1000, 'ndcg@20': number / 2000 },
    bestEpoch: number,
    bestValue: number / 1000,
    misses: 0,
    ...more,
  };
}

/** An epoch as a worker tells it that really works: with the phase before it. */
export function worked(number: number, more: Partial<Epoch> = {}): TrainingEvent[] {
  const stage = more.stage ?? 'train';
  return [
    { type: 'phase', stage, phase: 'train', epoch: number },
    { type: 'phase', stage, phase: 'evaluate', epoch: number },
    epoch(number, more),
  ];
}

export const started = (fromEpoch = 0, stage = 'train'): TrainingEvent => ({ type: 'stageStarted', stage, model: 'lightgcn', fromEpoch });

export function finished(
  epochs: number,
  validation: MetricValues,
  test: MetricValues,
  more: Partial<Extract<TrainingEvent, { type: 'finished' }>> = {},
): TrainingEvent {
  return {
    type: 'finished',
    stopReason: 'early-stopping',
    epochs,
    bestEpoch: epochs,
    validation,
    test,
    peakMemoryBytes: 1e8,
    leakedTensors: 0,
    fallbacks: [],
    artifacts: [],
    ...more,
  };
}

export function sequence(events: readonly TrainingEvent[], firstSeq = 1, at = 10_000): SequencedEvent[] {
  return events.map((event, index) => ({ seq: firstSeq + index, at: at + index * 10, event }));
}

/** A finished run with these values in one go, of one epoch unless said. */
export function finishRun(
  store: Store,
  id: string,
  validation: MetricValues,
  test: MetricValues = {},
  { epochs = 1, bestEpoch = epochs, bytes = 0 }: { epochs?: number; bestEpoch?: number; bytes?: number } = {},
): void {
  const attempt = store.runs.beginAttempt(id, 9_000);
  const artifacts = bytes === 0 ? [] : [{ name: 'top50', file: 'top50.npy', bytes, sha256: 'ab' }];
  store.events.apply(
    id,
    attempt,
    sequence([
      started(),
      ...worked(1, { validation }),
      { type: 'phase', stage: 'train', phase: 'test', epoch: 1 },
      finished(epochs, validation, test, { bestEpoch, artifacts }),
    ]),
  );
}

export const query = (wish: RunsQuery): ParsedRunsQuery => v.parse(runsQuerySchema, wish) as ParsedRunsQuery;

export { openStore };
