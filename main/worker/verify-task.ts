import type { Rescored, VerifyTask } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { modelById } from '#models/registry.ts';
import type { TrainControl } from '#training/control.ts';
import { verifyRun, type Verified } from '#training/verify-run.ts';
import { openDeviceOf, ownModelOf } from './run-parts.ts';

/** Scores a finished run's best checkpoint once more in this process. Throws what goes wrong. */
export async function verifyTask(task: VerifyTask, control: TrainControl, tell: (progress: Verified) => void): Promise<Rescored> {
  const { runId, config, bestEpoch, datasetFolder, runFolder, cacheFolder, codeVersion } = task;
  tell({ fraction: 0, text: 'Reading the dataset' });
  const own = await ownModelOf(task);
  const [dataset, device] = await Promise.all([openDataset(datasetFolder), openDeviceOf(task)]);
  const findModel = own?.find ?? modelById;
  return verifyRun(
    { runId, config, dataset, device, findModel, runFolder, cacheFolder, codeVersion, resume: false, control, bestEpoch },
    tell,
  );
}
