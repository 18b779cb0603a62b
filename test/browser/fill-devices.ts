/**
 * Fills a data folder with three runs that wait, as a process of its own: `node fill-devices.ts HOME`. Two compute on the processor, whose
 * memory is set so that they do not fit beside each other; one is pinned to a graphics processor that takes no runs.
 */
import { join } from 'node:path';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';

const root = join(import.meta.dirname, '../..');
const home = process.argv[2];
if (home === undefined) throw new Error('usage: fill-devices.ts HOME');

const studio = await openStudio({
  home,
  spawn: forkSpawn(join(root, 'main/worker/process.ts')),
  // Nothing is worked on here: what is started stays in the queue.
  resume: false,
  host: { capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform }, roots: ['/'] },
});
const link = studio.link();
await link.call('datasets.list', {});
await link.call('queue.lane', { lane: 'cpu', slots: 2, memoryBytes: 250e6 });
for (const lane of ['gpu0', 'gpu1'] as const) await link.call('queue.lane', { lane, slots: 0 });
const long = { datasets: ['demo'], models: [{ model: 'lightgcn' }], budget: { epochs: 100_000, patience: 100_000 } };
const wishes: readonly ExperimentRequest[] = [
  { ...long, seeds: [1, 2] },
  { ...long, seeds: [3], device: 'tensorflow', pin: 'gpu1' },
];
for (const wish of wishes) await link.call('experiments.start', wish);
await studio.close();
