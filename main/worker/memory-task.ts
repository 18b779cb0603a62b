import type { MemoryTried } from '#contract/memory.ts';
import type { TryMemoryTask } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { modelById } from '#models/registry.ts';
import type { TrainControl } from '#training/control.ts';
import { tryMemory } from '#training/memory-probe.ts';
import { openDeviceOf } from './run-parts.ts';

/** Tries what a run holds at its peak, in this process and on the device that the run would have. Throws what goes wrong. */
export async function memoryTask(task: TryMemoryTask, control: TrainControl, tell: (stage: string) => void): Promise<MemoryTried> {
  const { config, datasetFolder, cacheFolder, codeVersion, own } = task;
  const ownDefinition = own === undefined ? undefined : (await import('./own/load.ts')).loadOwnModel(own);
  const findModel = (id: string) => (ownDefinition !== undefined && id === own?.id ? ownDefinition : modelById(id));
  const [dataset, device] = await Promise.all([openDataset(datasetFolder), openDeviceOf(task)]);
  return tryMemory({ runId: 'memory', config, dataset, device, findModel, cacheFolder, codeVersion, control }, tell);
}
