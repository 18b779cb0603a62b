/** What a training and a verification open alike: the model, and the device it computes on. */
import { ProblemError } from '#contract/problem.ts';
import type { TrainingEvent, TrainTask } from '#contract/task.ts';
import { keptSource } from '#data/own-source.ts';
import { DeviceError } from '#engine/device-error.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { modelById } from '#models/registry.ts';

/** A model of the person's own is compiled from the source kept with the run; runs of others never load the compiler. */
export async function ownModelOf({ config, runFolder }: Pick<TrainTask, 'config' | 'runFolder'>) {
  if (config.source === undefined) return undefined;
  const [{ loadOwnModel }, { withSource }] = await Promise.all([import('./own/load.ts'), import('./own/provenance.ts')]);
  const own = keptSource(runFolder, config.model, config.source);
  const definition = loadOwnModel(own);
  return {
    find: (id: string) => (id === own.id ? definition : modelById(id)),
    told: (events: AsyncIterable<TrainingEvent>) => withSource(own, runFolder, events),
  };
}

type DeviceWish = Pick<TrainTask, 'config'> & {
  readonly libraryFolder?: string | undefined;
  readonly threadShare?: number | undefined;
  readonly graphics?: number | undefined;
};

/** The device a run asks for. Throws a device problem in words. */
export async function openDeviceOf({ config, libraryFolder, threadShare, graphics }: DeviceWish): Promise<OpenDevice> {
  // TensorFlow's sums may depend on its threads: a run that goes on must not have others than before.
  const share = config.device === 'tensorflow' ? undefined : threadShare;
  const threads = config.threads > 0 ? config.threads : share;
  const options = {
    ...(threads === undefined ? {} : { threads }),
    ...(libraryFolder === undefined ? {} : { libraryFolder }),
    ...(graphics === undefined ? {} : { graphics }),
  };
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
