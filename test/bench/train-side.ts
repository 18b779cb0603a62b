/*
 * A run without the studio around it, in a process of its own: node train-side.ts TASK (JSON). The trainer as the worker drives it,
 * but nobody is told: this process alone notes when epochs end, and says so to the one that forked it.
 */
import process from 'node:process';
import type { TrainTask } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { openDevice } from '#engine/devices/open.ts';
import { modelById } from '#models/registry.ts';
import { TrainControl } from '#training/control.ts';
import { train } from '#training/trainer.ts';

/** What is said: the opened device, then the time of each epoch's end, or what went wrong. */
export type Said = { readonly name: string; readonly threads: number } | { readonly at: number } | { readonly problem: string };

const say = (said: Said) => void process.send!(said);
process.on('disconnect', () => process.exit(0));

const task = JSON.parse(process.argv[2]!) as TrainTask;
const { config, libraryFolder } = task;
const dataset = await openDataset(task.datasetFolder);
const device = await openDevice(config.device, { threads: config.threads, ...(libraryFolder === undefined ? {} : { libraryFolder }) });
say({ name: device.name, threads: device.threads });
for await (const event of train({ ...task, dataset, device, findModel: modelById, control: new TrainControl() })) {
  if (event.type === 'epochFinished') say({ at: Date.now() });
  if (event.type === 'failed') say({ problem: event.problem.message });
}
