/*
 * Our side of a row in a process of its own: node own-side.ts WORK (JSON) FOLDER DEVICE THREADS. Takes one command a line and answers each
 * with one line of JSON. Model, sampler, optimiser and evaluator are those of a run.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { nearestNeighbours } from '#data/knn.ts';
import { deviceSearch } from '#data/knn-device.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { Evaluator } from '#training/evaluator.ts';
import { productMs } from './calibration.ts';
import { OwnSteps } from './own-steps.ts';
import { neighbours, traineeOf } from './trainee.ts';
import type { BenchDevice, Work } from './works.ts';

const [workText, folder, deviceId, threads] = process.argv.slice(2) as [string, string, BenchDevice, string];
const work = JSON.parse(workText) as Work;
const libraryFolder = process.env['AVOCET_TENSORFLOW'];
const device: OpenDevice = await openDevice(deviceId, {
  threads: Number(threads),
  ...(libraryFolder === undefined ? {} : { libraryFolder }),
});
// A row about size computes its graphs here, where its memory is counted.
const trainee = traineeOf(work, work.family === 'scale' ? undefined : folder);
const steps = new OwnSteps(trainee);
const { dataset, model, sampler } = trainee;
const evaluator = new Evaluator(dataset);

async function answer(command: string, count: number): Promise<unknown> {
  switch (command) {
    case 'hello':
      return { name: device.name, threads: device.threads, batches: sampler.batches, mode: steps.mode, ms: [trainee.graphsMs] };
    case 'losses':
      return { losses: steps.run(count).losses };
    case 'steps':
      return { ms: steps.run(count).ms };
    case 'begin':
      return { ms: [steps.begin()] };
    case 'evaluate': {
      const started = performance.now();
      steps.rest();
      const representation = model.represent();
      const lists = await evaluator.rank(representation, evaluator.everyone(), () => Promise.resolve());
      const { values } = evaluator.score(lists, 'validation');
      const ms = [performance.now() - started];
      representation.users.dispose();
      representation.items.dispose();
      return { ms, values: [values['recall@20'], values['ndcg@20']] };
    }
    case 'neighbours': {
      const { values, width } = dataset.modalities[0]!;
      const started = performance.now();
      const found = nearestNeighbours({ rows: dataset.items, width, values }, { k: neighbours, self: true, search: deviceSearch });
      return { ms: [performance.now() - started], values: [found.cosines.reduce((sum, cosine) => sum + cosine, 0) / found.cosines.length] };
    }
    case 'sample': {
      const started = performance.now();
      let rows = 0;
      for (const { negatives } of sampler.epoch()) rows += negatives.length;
      return { ms: [performance.now() - started], values: [rows] };
    }
    case 'calibrate':
      return { ms: productMs() };
    case 'peak':
      return { mb: peakMb() };
    default:
      throw new Error(`no command ${command}`);
  }
}

/** High-water mark of this process's memory. */
function peakMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', count = '1'] = line.split(' ');
  process.stdout.write(`${JSON.stringify(await answer(command, Number(count)))}\n`);
}
process.exit(0);
