import type { External } from '#contract/external.ts';
import { ProblemError } from '#contract/problem.ts';
import type { TrainTask, TrainingEvent } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { keptSource } from '#data/own-source.ts';
import { DeviceError } from '#engine/device-error.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { modelById } from '#models/registry.ts';
import { problemOf } from '#training/failure.ts';
import { train } from '#training/trainer.ts';
import type { TrainControl } from '#training/control.ts';

/** Trains one run in this process. The last event is `finished`, `paused` or `failed`; never throws. */
export async function* trainTask(task: TrainTask, control: TrainControl): AsyncGenerator<TrainingEvent, void, void> {
  const { config, datasetFolder, runFolder, cacheFolder, codeVersion, resume, goesOn, runId } = task;
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

/** A model of the person's own is compiled from the source kept with the run; runs of others never load the compiler. */
async function ownModelOf({ config, runFolder }: TrainTask) {
  if (config.source === undefined) return undefined;
  const [{ loadOwnModel }, { withSource }] = await Promise.all([import('./own/load.ts'), import('./own/provenance.ts')]);
  const own = keptSource(runFolder, config.model, config.source);
  const definition = loadOwnModel(own);
  return {
    find: (id: string) => (id === own.id ? definition : modelById(id)),
    told: (events: AsyncIterable<TrainingEvent>) => withSource(own, runFolder, events),
  };
}

async function openDeviceOf({ config, libraryFolder, threadShare }: TrainTask): Promise<OpenDevice> {
  // TensorFlow's sums may depend on its threads: a run that goes on must not have others than before.
  const share = config.device === 'tensorflow' ? undefined : threadShare;
  const threads = config.threads > 0 ? config.threads : share;
  const options = { ...(threads === undefined ? {} : { threads }), ...(libraryFolder === undefined ? {} : { libraryFolder }) };
  try {
    return await openDevice(config.device, options);
  } catch (error) {
    if (error instanceof DeviceError || error instanceof ProblemError) throw error;
    throw new ProblemError({
      kind: 'device',
      code: 'device.not-opened',
      message: `the device ${config.device} could not be opened: ${error instanceof Error ? error.message : String(error)}`,
      values: { device: config.device },
      fix: 'Settings shows which devices this machine has; wasm runs everywhere.',
      ...(error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}),
    });
  }
}
