/**
 * A data folder with any number of finished runs: 150 settings and 60 metrics with five readings each (best, last, lowest, highest, test),
 * five seeds a configuration, tags, experiments, 200 curves of 1,000 epochs and one series of a million points with one planted spike.
 * Written by SQL in bulk and not through the store's own doors, which would take an hour; the schema is the store's.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import { experimentRequestSchema } from '#contract/experiment.ts';
import { resolveHyper } from '#contract/model-card.ts';
import { budgetSchema, type RunConfig } from '#contract/run.ts';
import { randomStream, type Random } from '#data/random.ts';
import { cards } from '#models/cards.ts';
import { openDatabase, type Database } from '#store/database.ts';
import { settingsOf } from '#store/new-run.ts';
import { configurationHash } from '#studio/identity.ts';
import { writeCurves } from './many-curves.ts';

/** Said by whoever keeps a store: another form of what is written asks for a new one. */
export const storeForm = 1;
const parameters = 150;
const seeds = [1, 2, 3, 4, 5];
const epochs = 1000;
const runsPerExperiment = 100;
export const datasets = ['demo', 'baby', 'sports', 'clothing', 'tiktok'] as const;
const names = [
  'recall',
  'ndcg',
  'precision',
  'map',
  'hit',
  'mrr',
  'f1',
  'auc',
  'coverage',
  'novelty',
  'gini',
  'entropy',
  'tail',
  'bias',
  'ild',
];
/** 60 of them. */
const metricKeys = names.flatMap((name) => [5, 10, 20, 50].map((k) => `${name}@${k}`));
/** When the first run was queued; runs follow by the minute. */
const beginning = 1.7e12;

/** Writes `count` runs into the store of `home`, the same ones for the same `seed`. */
export function writeRuns(home: string, count: number, seed = 1): void {
  const database = openDatabase(join(home, 'avocet.sqlite'));
  const random = randomStream(seed, 'bench/store');
  database.exec('PRAGMA synchronous = OFF');
  // Made at the end, in one go each.
  const indexes = database.all<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
  );
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  for (let from = 0; from < count; from += runsPerExperiment)
    database.transaction(() => writeExperiment(database, random, from, Math.min(runsPerExperiment, count - from)));
  database.transaction(() => writeReadings(database));
  database.transaction(() => writeCurves(database, Math.min(200, count), epochs));
  for (const { sql } of indexes) database.exec(sql);
  database.exec('PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

function writeExperiment(database: Database, random: Random, from: number, count: number): void {
  const experimentId = `exp-${from / runsPerExperiment}`;
  const request = v.parse(experimentRequestSchema, { datasets: [...datasets], models: cards.map((card) => ({ model: card.id })), seeds });
  database.insert('experiment', {
    id: experimentId,
    name: `Sweep ${from / runsPerExperiment + 1}`,
    question: '',
    note: '',
    createdAt: beginning + from * 60_000,
    protocol: 'validation',
    request: JSON.stringify(request),
  });
  let position = 0;
  for (let number = from; number < from + count; number += seeds.length) {
    const plan = planOf(random, Math.floor(number / seeds.length));
    const { config, card, configuration } = plan;
    database.insert('configuration', { hash: configuration, model: card.id });
    const settings = settingsOf(config);
    for (const [key, value] of Object.entries(settings))
      database.insert('setting', { configuration, key, number: typeof value === 'number' ? value : undefined, text: String(value) });
    database.insert('experiment_row', {
      experimentId,
      position: position++,
      configuration,
      model: card.id,
      title: card.title,
      differences: plan.differences.map(({ key, value }) => `${key} ${value}`).join(', '),
      inferred: card.inferred,
    });
    const words = `${card.title} ${card.id} on ${config.dataset} ${Object.entries(settings)
      .map(([key, value]) => `${key} ${String(value)}`)
      .join(' ')}`.toLowerCase();
    for (const [at, seed] of seeds.entries())
      if (number + at < from + count) writeRun(database, random, { ...plan, number: number + at, seed, experimentId, words });
  }
}

type Plan = ReturnType<typeof planOf>;

/** A model of the cards with its learning rate and the settings of a long sweep: a few take many values, most few, some one. */
function planOf(random: Random, number: number) {
  const card = cards[number % cards.length]!;
  const dataset = datasets[Math.floor(number / cards.length) % datasets.length]!;
  const learningRate = 1e-4 * (1 + number);
  const own = resolveHyper(card, undefined, {});
  const budget = v.parse(budgetSchema, { learningRate });
  const spare = parameters - Object.keys(own).length - Object.keys(budget).length - 2;
  const swept = Object.fromEntries(
    Array.from({ length: spare }, (_, at) => [
      `p${String(at + 1).padStart(3, '0')}`,
      at < 10 ? Math.round(random.uniform() * 1e6) / 1e6 : at < 100 ? Math.floor(random.uniform() * 7) : at < 120 ? `kind ${at % 3}` : 1,
    ]),
  );
  const config: RunConfig = {
    dataset,
    model: card.id,
    hyper: { ...own, ...swept },
    seed: 1,
    budget,
    protocol: 'validation',
    itemGraph: 'computed',
    device: 'wasm',
    threads: 1,
  };
  const differences = [
    { key: 'lr', value: String(Number(learningRate.toPrecision(4))) },
    { key: 'p001', value: String(swept['p001']) },
  ];
  return { card, config, configuration: configurationHash(config), differences };
}

interface PlannedRun extends Plan {
  readonly number: number;
  readonly seed: number;
  readonly experimentId: string;
  readonly words: string;
}

function writeRun(database: Database, random: Random, plan: PlannedRun): void {
  const { card, config, configuration, differences, number, seed, experimentId, words } = plan;
  const id = `run-${number}`;
  const at = beginning + number * 60_000;
  // One in fifty failed and has no values: what is missing sorts last.
  const failed = random.uniform() < 0.02;
  const run = number + 1;
  database.insert('run', {
    number: run,
    id,
    experimentId,
    state: failed ? 'failed' : 'finished',
    dataset: config.dataset,
    datasetName: config.dataset,
    dataHash: config.dataset,
    model: card.id,
    modelTitle: card.title,
    inferred: card.inferred,
    configuration,
    seed,
    device: config.device,
    threads: config.threads,
    config: JSON.stringify({ ...config, seed }),
    differences: JSON.stringify(differences),
    createdAt: at,
    startedAt: at + 1000,
    endedAt: at + 50_000,
    epochs,
    bestEpoch: failed ? undefined : 1 + Math.floor(random.uniform() * epochs),
    secondsPerEpoch: 0.5 + random.uniform(),
    evaluationSeconds: 0.1,
    elapsedMs: Math.round((0.5 + random.uniform()) * 1e5),
    peakMemoryBytes: Math.round(3e8 + random.uniform() * 1e8),
    stopReason: failed ? undefined : 'early-stopping',
    problem: failed ? JSON.stringify(divergence) : undefined,
    attempt: 1,
    starred: random.uniform() < 0.02,
    note: random.uniform() < 0.02 ? 'looks odd, compare the loss' : '',
    search: `${id} ${words} seed ${seed}`,
  });
  database.insert('stage', { runId: id, position: 0, id: 'train', model: card.id, key: '', state: failed ? 'failed' : 'done' });
  database.insert('attempt', { runId: id, attempt: 1, startedAt: at, lastAt: at + 50_000, endedAt: at + 50_000, outcome: 'finished' });
  if (random.uniform() < 0.1) database.insert('tag', { run, name: random.uniform() < 0.5 ? 'paper' : 'rerun' });
  const cell = { experimentId, position: number % runsPerExperiment, dataset: config.dataset, configuration, model: card.id, seed };
  database.insert('experiment_cell', { ...cell, runId: id, known: false });
}

const divergence = {
  kind: 'diverged',
  code: 'training.diverged',
  message: 'The loss became NaN in epoch 12, step 3',
  fix: 'Try a smaller learning rate.',
  values: {},
};

/** A number between 0 and 1 from a run and a metric, the same every time. */
const place = '((r.number * 7919 + k.at * 104729) % 1000003)';
const drawn = `((${place} * ${place} * 31 + ${place} * 17) % 1000003) / 1000003.0`;

/** Values at the best epoch, at the last one and the extremes, and of test, for every run that finished. */
function writeReadings(database: Database): void {
  const keys = JSON.stringify([...metricKeys].sort());
  const of = `FROM run r CROSS JOIN (SELECT value AS key, key AS at FROM json_each(?)) k WHERE r.state = 'finished' ORDER BY r.number, k.key`;
  const best = `(0.02 + 0.1 * ${drawn} + 0.0002 * k.at)`;
  for (const [part, value] of [
    ['test', `${best} * 0.95`],
    ['validation', best],
  ] as const)
    database.run(`INSERT INTO metric (run, part, key, value) SELECT r.number, '${part}', k.key, ${value} ${of}`, [keys]);
  database.run(
    `INSERT INTO reading (run, key, last_epoch, last, low, high) SELECT r.number, k.key, ${epochs}, ${best} * 0.98, ${best} * 0.1, ${best} * 1.01 ${of}`,
    [keys],
  );
}
