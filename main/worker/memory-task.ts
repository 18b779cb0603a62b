import type { MemoryTried } from '#contract/memory.ts';
import type { TryMemoryTask } from '#contract/task.ts';
import { openDataset } from '#data/dataset-folder.ts';
import type { TrainControl } from '#training/control.ts';
import { tryMemory } from '#training/memory-probe.ts';
import { finderOf, openDeviceOf } from './run-parts.ts';

/** Tries what a run holds at its peak, in this process and on the device that the run would have. Throws what goes wrong. */
export async function memoryTask(task: TryMemoryTask, control: TrainControl, tell: (stage: string) => void): Promise<MemoryTried> {
  const { config, datasetFolder, cacheFolder, codeVersion, own } = task;
  const [findModel, dataset, device] = await Promise.all([finderOf(own), openDataset(datasetFolder), openDeviceOf(task)]);
  return tryMemory({ runId: 'memory', config, dataset, device, findModel, cacheFolder, codeVersion, control }, tell);
}
