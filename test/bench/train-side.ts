/*
 * A run without the studio around it, in a process of its own: node train-side.ts TASK (JSON). The trainer as the worker drives it,
 * but nobody is told. Prints the times at which epochs ended, as one line of JSON, when it is asked to go.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { TrainTask } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { openDevice } from '#engine/devices/open.ts';
import { modelById } from '#models/registry.ts';
import { TrainControl } from '#training/control.ts';
import { train } from '#training/trainer.ts';

const task = JSON.parse(process.argv[2]!) as TrainTask;
const { config, libraryFolder } = task;

for await (const _line of createInterface({ input: process.stdin })) {
  const dataset = await openDataset(task.datasetFolder);
  const device = await openDevice(config.device, { threads: config.threads, ...(libraryFolder === undefined ? {} : { libraryFolder }) });
  const ends: number[] = [];
  let problem: string | undefined;
  for await (const event of train({ ...task, dataset, device, findModel: modelById, control: new TrainControl() })) {
    if (event.type === 'epochFinished') ends.push(Date.now());
    if (event.type === 'failed') problem = event.problem.message;
  }
  process.stdout.write(`${JSON.stringify({ name: device.name, threads: device.threads, values: ends, error: problem })}\n`);
}
process.exit(0);
