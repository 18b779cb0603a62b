/**
 * Fills a data folder with 60 finished runs of 1,000 epochs, as a process of its own: `node fill-figures.ts HOME`. Twenty configurations of one
 * model with three seeds; planned by the studio, told through the store's own door. Nothing is trained.
 */
import { join } from 'node:path';
import type { TrainingEvent } from '#contract/task.ts';
import { openStore } from '#store/store.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';

const [home = ''] = process.argv.slice(2);
const epochs = 1000;

const studio = await openStudio({
  home,
  spawn: forkSpawn(join(import.meta.dirname, '../../main/worker/process.ts')),
  resume: false,
  host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform }, roots: ['/'] },
});
const link = studio.link();
await link.call('datasets.list', {});
const { runIds } = await link.call('experiments.start', {
  name: 'Twenty lines',
  datasets: ['demo'],
  models: [{ model: 'lightgcn', vary: { n_layers: [1, 2, 3, 4], reg_weight: [0, 1e-5, 1e-4, 1e-3, 1e-2] } }],
  seeds: [1, 2, 3],
});
await studio.close();

/** Rises, flattens and trembles, each line at a level of its own; no draw, so that the figure is the same each time. */
function story(index: number): TrainingEvent[] {
  const level = 0.05 + index / 2000;
  const value = (epoch: number) => level * (1 - Math.exp(-epoch / 120)) + 0.002 * Math.sin(epoch * (1.3 + index / 7)) * Math.cos(epoch / 3);
  const events: TrainingEvent[] = [{ type: 'stageStarted', stage: 'train', model: 'lightgcn', fromEpoch: 0 }];
  for (let epoch = 1; epoch <= epochs; epoch++)
    events.push({
      type: 'epochFinished',
      stage: 'train',
      epoch,
      loss: 30 * Math.exp(-epoch / 200) + 10,
      terms: {},
      learningRate: 1e-3,
      trainSeconds: 0.1,
      evaluationSeconds: 0.1,
      validation: { 'recall@20': value(epoch), 'ndcg@20': value(epoch) / 2 },
      bestEpoch: epoch,
      bestValue: value(epoch),
      misses: 0,
    });
  const last = { 'recall@20': value(epochs), 'ndcg@20': value(epochs) / 2 };
  events.push({
    type: 'finished',
    stopReason: 'epoch-limit',
    epochs,
    bestEpoch: epochs,
    validation: last,
    test: last,
    peakMemoryBytes: 1e8,
    leakedTensors: 0,
    fallbacks: [],
    artifacts: [],
  });
  return events;
}

const store = openStore(home);
try {
  runIds.forEach((id, index) => {
    const attempt = store.runs.beginAttempt(id, 1000);
    store.events.apply(
      id,
      attempt,
      story(index).map((event, at) => ({ seq: at + 1, at: 1000 + at * 200, event })),
    );
  });
} finally {
  store.close();
}
