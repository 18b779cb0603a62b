import { tmpdir } from 'node:os';
import * as v from 'valibot';
import { expect } from 'vitest';
import type { DatasetSummary } from '#contract/dataset.ts';
import { experimentRequestSchema, type ExperimentRequest, type ParsedExperimentRequest } from '#contract/experiment.ts';
import type { MetricValues } from '#contract/run.ts';
import { cards } from '#models/cards.ts';
import type { Store } from '#store/store.ts';
import { configurationsOf, type Configuration } from '#studio/configurations.ts';
import { Estimator } from '#studio/estimate.ts';
import { Experiments } from '#studio/experiments.ts';
import { planOf, type Planner } from '#studio/plan.ts';
import { RunView } from '#studio/run-view.ts';
import { SpeedBook } from '#studio/speeds.ts';
import { finishRun } from '#test/unit/store/fixture.ts';

const hash = (letter: string) => letter.repeat(64);

export function summary(id: string, more: Partial<DatasetSummary> = {}): DatasetSummary {
  const modality = (name: string) => ({ name, width: 64, sourceType: 'float32' as const, covered: 500, missing: 0 });
  return {
    id,
    name: id === 'demo' ? 'Demo' : id,
    about: '',
    source: 'demo',
    createdAt: 1,
    users: 800,
    items: 500,
    interactions: 10_000,
    train: 8000,
    validation: 1000,
    test: 1000,
    density: 0.025,
    modalities: [modality('image'), modality('text')],
    graphs: [],
    fingerprint: { splitHash: hash('a'), splitShape: hash('b'), graphShape: hash('c') },
    bytes: 1e6,
    titled: 500,
    pictured: 500,
    samplePictures: [],
    hasTimes: false,
    notes: 0,
    ...more,
  };
}

export function putDataset(store: Store, id: string, more: Partial<DatasetSummary> = {}): void {
  store.datasets.put({ summary: summary(id, more), folder: `/data/${id}`, dataHash: `hash of ${id}` });
}

/** Speeds of a machine of two cores that runs one run at a time. */
export function speedsOf(store: Store): SpeedBook {
  return new SpeedBook(store, { id: 'machine', words: 'A machine' }, () => 1, 2);
}

export function plannerOf(store: Store): Planner {
  return { store, cards, estimator: new Estimator(store, cards, speedsOf(store)), codeVersion: '1' };
}

export function experimentsOf(store: Store): Experiments {
  const planner = plannerOf(store);
  return new Experiments(planner, new RunView(planner, (id) => `/runs/${id}`), () => 1);
}

export const parsed = (request: Partial<ExperimentRequest>): ParsedExperimentRequest =>
  v.parse(experimentRequestSchema, { datasets: ['demo'], models: [{ model: 'lightgcn' }], seeds: [1], ...request });

export const configurations = (request: Partial<ExperimentRequest>): Configuration[] => configurationsOf(parsed(request), cards);

/** What a request would start, with so many runs at a time. */
export const planned = (store: Store, request: Partial<ExperimentRequest>, atOnce = 1): ReturnType<typeof planOf> =>
  planOf(plannerOf(store), parsed(request), atOnce, tmpdir());

/** A request that is refused as it is written, with what would be right. */
export const configProblem = (code: string, fix: RegExp, message = /./): unknown =>
  expect.objectContaining({
    problem: expect.objectContaining({ kind: 'config', code, fix: expect.stringMatching(fix), message: expect.stringMatching(message) }),
  });

/** Finishes the runs of an experiment with Recall@20 by configuration (in grid order) and seed (in the order of the request). */
export function finishAll(store: Store, experimentId: string, values: readonly (readonly { validation: number; test: number }[])[]): void {
  const rows = store.experiments.rows(experimentId).map((row) => row.configuration);
  const seeds = [...new Set(store.experiments.cells(experimentId).map((cell) => cell.seed))];
  for (const cell of store.experiments.cells(experimentId)) {
    const value = values[rows.indexOf(cell.configuration)]?.[seeds.indexOf(cell.seed)];
    if (value === undefined) continue;
    const of = (recall: number): MetricValues => ({ 'recall@20': recall });
    finishRun(store, cell.runId, of(value.validation), of(value.test));
  }
}
