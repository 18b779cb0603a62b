import type { External } from '#contract/external.ts';
import type { TrainTask, TrainingEvent } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { modelById } from '#models/registry.ts';
import { problemOf } from '#training/failure.ts';
import { train } from '#training/trainer.ts';
import type { TrainControl } from '#training/control.ts';
import { openDeviceOf, ownModelOf } from './run-parts.ts';

/** Trains one run in this process. The last event is `finished`, `paused` or `failed`; never throws. */
export async function* trainTask(task: TrainTask, control: TrainControl): AsyncGenerator<TrainingEvent, void, void> {
  const { config, datasetFolder, runFolder, cacheFolder, codeVersion, resume, goesOn, runId, sampleUsers } = task;
  try {
    if (config.external !== undefined) {
      yield* externalTask(task, config.external, control);
      return;
    }
    const own = await ownModelOf(task);
    const [dataset, device] = await Promise.all([openDataset(datasetFolder), openDeviceOf(task)]);
    const events = train({
      runId,
      config,
      dataset,
      device,
      findModel: own?.find ?? modelById,
      runFolder,
      cacheFolder,
      codeVersion,
      resume,
      goesOn,
      control,
      sampleUsers,
    });
    yield* own?.told(events) ?? events;
  } catch (error) {
    yield { type: 'failed', problem: problemOf(error), artifacts: [] };
  }
}

/** A model that Avocet does not compute: the device ranks what it left. */
async function* externalTask(task: TrainTask, external: External, control: TrainControl): AsyncGenerator<TrainingEvent, void, void> {
  const { config, datasetFolder, runFolder, cacheFolder, codeVersion, resume, goesOn, runId, attempt } = task;
  const { externalRun } = await import('#training/external/external-run.ts');
  const [dataset, device] = await Promise.all([openDataset(datasetFolder), openDeviceOf(task)]);
  yield* externalRun({
    runId,
    attempt,
    external,
    config,
    dataset,
    datasetFolder,
    device,
    threads: config.threads > 0 ? config.threads : (task.threadShare ?? device.threads),
    runFolder,
    cacheFolder,
    codeVersion,
    resume,
    goesOn,
    control,
  });
}
