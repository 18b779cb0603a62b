/** What a training and a verification open alike: the model, and the device it computes on. */
import type { OwnSource } from '#contract/own-model.ts';
import { ProblemError } from '#contract/problem.ts';
import type { TrainingEvent, TrainTask } from '#contract/task.ts';
import { keptSource } from '#data/own-source.ts';
import { DeviceError } from '#engine/device-error.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import type { ModelDefinition } from '#models/define-model.ts';
import { modelById } from '#models/registry.ts';

/** Finds models by id, that of the person's own compiled from its source; where there is none the compiler is not loaded. */
export async function finderOf(own: OwnSource | undefined): Promise<(id: string) => ModelDefinition> {
  if (own === undefined) return modelById;
  const { loadOwnModel } = await import('./own/load.ts');
  const definition = loadOwnModel(own);
  return (id) => (id === own.id ? definition : modelById(id));
}

/** A model of the person's own is compiled from the source kept with the run; runs of others never load the compiler. */
export async function ownModelOf({
  config,
  runFolder,
  ownFolder,
}: Pick<TrainTask, 'config' | 'runFolder'> & { readonly ownFolder?: string | undefined }) {
  if (config.source === undefined) return undefined;
  const own = keptSource(runFolder, config.model, config.source);
  const [find, { withSource }] = await Promise.all([finderOf(own), import('./own/provenance.ts')]);
  return {
    find,
    told: (events: AsyncIterable<TrainingEvent>) => withSource(own, { runFolder, ownFolder }, events),
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
