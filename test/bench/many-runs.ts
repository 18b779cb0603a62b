/** A data folder with any number of finished runs, as an owner would have written them: settings, readings, curves, tags, experiments. */
import * as v from 'valibot';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { resolveHyper } from '#contract/model-card.ts';
import { budgetSchema, cutOffs, metricNames, type MetricValues, type RunConfig } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { randomStream, type Random } from '#data/random.ts';
import { cards } from '#models/cards.ts';
import { openStore, type Store } from '#store/store.ts';
import { configurationHash } from '#studio/identity.ts';

const seeds = [1, 2, 3, 4, 5];
const epochs = 40;
const runsPerExperiment = 100;
const datasets = ['demo', 'baby', 'tiktok'];

/** Writes `count` runs into the store of `home`, the same ones for the same `seed`. */
export function writeRuns(home: string, count: number, seed = 1): void {
  const store = openStore(home);
  const random = randomStream(seed, 'bench/store');
  for (let from = 0; from < count; from += runsPerExperiment)
    store.transaction(() => writeExperiment(store, random, from, Math.min(runsPerExperiment, count - from)));
  store.close();
}

function writeExperiment(store: Store, random: Random, from: number, count: number): void {
  const experiment = `exp-${from / runsPerExperiment}`;
  const request = v.parse(experimentRequestSchema, { datasets, models: cards.map((card) => ({ model: card.id })), seeds });
  const plans = Array.from({ length: count }, (_, at) => planOf(random, from + at, Math.floor((from + at) / seeds.length)));
  const rows = [...new Map(plans.map((plan) => [plan.configuration, plan])).values()];
  store.experiments.insert(
    {
      id: experiment,
      name: `Sweep ${from / runsPerExperiment + 1}`,
      question: '',
      note: '',
      createdAt: 1e12 + from * 1000,
      protocol: 'validation',
      request,
    },
    rows.map(({ configuration, config, card, differences }) => ({
      configuration,
      model: config.model,
      title: card.title,
      differences: differences.map(({ key, value }) => `${key} ${value}`).join(', '),
      inferred: card.inferred,
    })),
  );
  for (const plan of plans) writeRun(store, random, experiment, plan);
  store.experiments.insertCells(
    experiment,
    plans.map(({ id, configuration, config }) => ({
      dataset: config.dataset,
      configuration,
      model: config.model,
      seed: config.seed,
      runId: id,
      known: false,
    })),
  );
}

type PlannedRun = ReturnType<typeof planOf>;

/** Five seeds in a row share a configuration: a model of the cards with its learning rate and regularisation varied. */
function planOf(random: Random, number: number, configurationNumber: number) {
  const card = cards[configurationNumber % cards.length]!;
  const dataset = datasets[Math.floor(configurationNumber / cards.length) % datasets.length]!;
  const learningRate = 1e-4 * (1 + configurationNumber);
  const config: RunConfig = {
    dataset,
    model: card.id,
    hyper: resolveHyper(card, undefined, {}),
    seed: seeds[number % seeds.length]!,
    budget: v.parse(budgetSchema, { learningRate }),
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 1,
  };
  const differences = [{ key: 'lr', value: String(learningRate) }];
  return {
    id: `run-${number}`,
    card,
    config,
    configuration: configurationHash(config),
    differences,
    best: 1 + Math.floor(random.uniform() * epochs),
  };
}

function writeRun(
  store: Store,
  random: Random,
  experimentId: string,
  { id, card, config, configuration, differences, best }: PlannedRun,
): void {
  store.runs.insert({
    id,
    experimentId,
    datasetName: config.dataset,
    dataHash: config.dataset,
    modelTitle: card.title,
    inferred: card.inferred,
    configuration,
    config,
    differences,
    createdAt: 1e12,
    estimate: undefined,
    testShown: false,
    stages: [{ id: 'train', model: card.id, key: '' }],
  });
  const attempt = store.runs.beginAttempt(id, 1e12);
  const level = 0.02 + random.uniform() * 0.1;
  const events: TrainingEvent[] = [
    { type: 'stageStarted', stage: 'train', model: card.id, fromEpoch: 0 },
    ...Array.from({ length: epochs }, (_, at): TrainingEvent => ({
      type: 'epochFinished',
      stage: 'train',
      epoch: at + 1,
      loss: 10 / (at + 1),
      terms: { bpr: 9 / (at + 1) },
      learningRate: config.budget.learningRate,
      trainSeconds: 0.5,
      evaluationSeconds: 0.1,
      validation: { 'recall@20': level, 'ndcg@20': level / 2 },
      bestEpoch: best,
      bestValue: level,
      misses: 0,
    })),
    {
      type: 'finished',
      stopReason: 'early-stopping',
      epochs,
      bestEpoch: best,
      validation: readings(level),
      test: readings(level * 0.95),
      peakMemoryBytes: 3e8,
      leakedTensors: 0,
      fallbacks: [],
      artifacts: [],
    },
  ];
  store.events.apply(
    id,
    attempt,
    events.map((event, at) => ({ seq: at + 1, at: 1e12 + at * 600, event })),
  );
  if (random.uniform() < 0.1) store.runs.annotate([id], { addTags: [random.uniform() < 0.5 ? 'paper' : 'rerun'] });
  if (random.uniform() < 0.02) store.runs.annotate([id], { starred: true, note: 'looks odd, compare the loss' });
}

function readings(level: number): MetricValues {
  return Object.fromEntries(
    metricNames.flatMap((name, row) => cutOffs.map((k) => [`${name}@${k}`, (level * Math.sqrt(k / 20)) / (1 + row)])),
  );
}
