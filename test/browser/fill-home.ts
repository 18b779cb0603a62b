/**
 * Fills a data folder with a hundred runs, as a process of its own: `node fill-home.ts HOME [WAITING]`. So many more wait on hold. The experiments are planned and queued by
 * the studio itself, what a worker would have told of each run is written through the store's own door. Nothing is trained.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '#contract/link.ts';
import { cutOffs, metricNames, type MetricValues } from '#contract/run.ts';
import type { TrainingEvent } from '#contract/task.ts';
import { openStore, type Store } from '#store/store.ts';
import { appendLines } from '#studio/console-log.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio, type Studio } from '#studio/studio.ts';
import { writeDatasetFolder } from '../desktop/dataset-folder.ts';
import { frozenExperiment, longDataset, openExperiment } from './crowd.ts';

type End = 'finished' | 'stopped' | 'failed' | 'paused';

const root = join(import.meta.dirname, '../..');

function open(home: string): Promise<Studio> {
  return openStudio({
    home,
    spawn: forkSpawn(join(root, 'main/worker/process.ts')),
    // Nothing is worked on here: what is started stays in the queue.
    resume: false,
    host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform }, roots: ['/'] },
  });
}

async function importLong(link: Link, home: string): Promise<string> {
  const folder = join(home, 'source');
  writeDatasetFolder(folder);
  let id: string | undefined;
  for await (const event of link.stream('datasets.import', { from: 'folder', folder, name: longDataset }))
    if (event.type === 'done') id = event.summary.id;
  rmSync(folder, { recursive: true });
  if (id === undefined) throw new Error('the import ended without a dataset');
  return id;
}

/** Values that differ by model, configuration and seed, and fall off over cut-offs as real ones do. */
function metricsOf(level: number): MetricValues {
  return Object.fromEntries(
    cutOffs.flatMap((k) => metricNames.map((name, at) => [`${name}@${k}`, (level * Math.sqrt(k / 20)) / (1 + 0.7 * at)])),
  );
}

/** What a worker would have told: a curve that rises and flattens, then early stopping, a stop by hand or a loss that is no number. */
function story(model: string, index: number, end: End): TrainingEvent[] {
  const epochs = 24 + ((index * 7) % 30);
  const level =
    0.06 + ({ bpr: 0, vbpr: 0.008, lightgcn: 0.014, freedom: 0.022, mgcn: 0.027, egra: 0.03 }[model] ?? 0) + ((index * 13) % 17) / 6000;
  const events: TrainingEvent[] = [
    {
      type: 'prepared',
      provenance: {
        codeVersion: '1.0.0',
        libraries: { 'tfjs-core': '4.22.0' },
        device: 'wasm',
        deviceVersion: '4.22.0',
        threads: 1,
        platform: 'linux x64',
        processor: 'Eight-core Processor',
        fallbacks: [],
        splitHash: 'a1b2c3d4'.repeat(8),
        featureHashes: { image: 'f00dcafe'.repeat(8) },
        itemGraph: 'computed',
        model: { edges: 4812 },
      },
      parameters: 83_200,
      evaluatedUsers: { validation: 60, test: 60, dropped: 0 },
    },
  ];
  if (model === 'egra')
    events.push({ type: 'stageFinished', stage: 'pretrain', epochs: 31, bestEpoch: 10, seconds: 14.2, reused: index % 2 === 0 });
  events.push({ type: 'stageStarted', stage: 'train', model, fromEpoch: 0 });
  const best = end === 'finished' ? epochs - 20 : epochs;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const value = level * (1 - Math.exp(-Math.min(epoch, best) / 6)) - (epoch > best ? 0.0002 * (epoch - best) : 0);
    const at = Math.min(epoch, best);
    events.push(
      { type: 'phase', stage: 'train', phase: 'evaluate', epoch },
      {
        type: 'epochFinished',
        stage: 'train',
        epoch,
        loss: 40 * Math.exp(-epoch / 9) + 12,
        terms: { bpr: 12 },
        learningRate: 1e-3,
        trainSeconds: 0.4,
        evaluationSeconds: 0.1,
        validation: metricsOf(value),
        bestEpoch: at,
        bestValue: level * (1 - Math.exp(-at / 6)),
        misses: epoch - at,
      },
    );
  }
  const reached = level * (1 - Math.exp(-best / 6));
  if (end === 'paused') events.push({ type: 'paused', epoch: epochs });
  else if (end === 'failed') {
    const problem = {
      kind: 'diverged' as const,
      code: 'training.diverged',
      message: `The loss became NaN in epoch ${epochs + 1}, step 3`,
      fix: 'Try a smaller learning rate.',
      values: {},
    };
    events.push({ type: 'failed', problem, artifacts: [] });
  } else {
    events.push({
      type: 'finished',
      stopReason: end === 'stopped' ? 'stopped-by-user' : 'early-stopping',
      epochs,
      bestEpoch: best,
      validation: metricsOf(reached),
      test: metricsOf(reached * 0.97),
      peakMemoryBytes: 412e6,
      leakedTensors: 0,
      fallbacks: [],
      artifacts: [],
    });
  }
  return events;
}

function tell({ store, home }: { store: Store; home: string }, id: string, index: number, end: End): void {
  // Some ended this morning, most on earlier days.
  const from = Date.now() - (index < 12 ? index * 60_000 + 120_000 : index * 3_600_000);
  const attempt = store.runs.beginAttempt(id, from);
  const events = story(store.runs.config(id)!.model, index, end).map((event, at) => ({ seq: at + 1, at: from + at * 250, event }));
  const { lines } = store.events.apply(id, attempt, events);
  appendLines(homeFolders(home).run(id), lines);
  store.runs.endAttempt(id, end);
}

/** Ends of the runs in order: mostly finished; the last ones of the open experiment are paused and waiting on hold. */
function endOf(index: number, count: number): End | 'waiting' {
  if (index >= count - 9) return 'waiting';
  if (index === count - 10) return 'paused';
  return index % 19 === 7 ? 'failed' : index % 23 === 11 ? 'stopped' : 'finished';
}

async function fill(home: string, waiting: number): Promise<void> {
  let studio = await open(home);
  let link = studio.link();
  const datasets = ['demo', await importLong(link, home)];
  const deep = await link.call('experiments.start', {
    name: openExperiment,
    question:
      'Whether a fourth layer still helps where items have fewer than five interactions, and whether item links make depth needless.',
    datasets,
    models: [
      { model: 'lightgcn', vary: { n_layers: [1, 2, 3, 4] } },
      { model: 'vbpr' },
      { model: 'freedom' },
      { model: 'mgcn' },
      { model: 'egra' },
    ],
    seeds: [1, 2, 3, 4, 5],
  });
  const plain = await link.call('experiments.start', {
    name: frozenExperiment,
    datasets,
    models: [{ model: 'bpr' }, { model: 'lightgcn', values: { reg_weight: 0.001 } }],
    seeds: [1, 2, 3, 4, 5],
  });
  const crowd =
    waiting === 0
      ? []
      : (
          await link.call('experiments.start', {
            name: 'Many seeds',
            datasets: ['demo'],
            models: [{ model: 'vbpr', values: { reg_weight: 0.01 } }],
            seeds: Array.from({ length: waiting }, (_, at) => at + 1),
          })
        ).runIds;
  await studio.close();

  const store = openStore(home);
  const held: string[] = [...crowd];
  for (const [index, id] of deep.runIds.entries()) {
    const end = endOf(index, deep.runIds.length);
    if (end === 'waiting') held.push(id);
    else tell({ store, home }, id, index, end);
  }
  for (const [index, id] of plain.runIds.entries()) tell({ store, home }, id, 200 + index, 'finished');
  store.runs.hold(held, true);
  store.runs.annotate(deep.runIds.slice(0, 6), { starred: true, addTags: ['for the camera-ready version', 'depth'] });
  store.runs.annotate(deep.runIds.slice(3, 4), {
    note: 'Smoother than expected after the third layer; look at the tail before believing it.\nCompare with the run of Tuesday.',
  });
  store.close();

  studio = await open(home);
  link = studio.link();
  await link.call('experiments.freeze', { id: plain.experimentId });
  await studio.close();
}

if (process.argv[1] === import.meta.filename) {
  const [home, waiting = '0'] = process.argv.slice(2);
  if (home === undefined) throw new Error('usage: node fill-home.ts HOME [WAITING]');
  await fill(home, Number(waiting));
}
