/** What devices are called where runs wait for them, and why a run waits. Pure. */
import { graphicsIndex, type Lane, type LaneId, type Wait } from '#contract/lane.ts';
import { bytes } from '#renderer/locales/format.ts';

/** "Processor", "GPU 1". */
export function laneTitle(id: LaneId): string {
  const index = graphicsIndex(id);
  return index === undefined ? 'Processor' : `GPU ${index}`;
}

/** Why a run whose turn has come has not started, as a sentence. `behind`: the title of the run it waits behind. */
export function waitWords(wait: Wait, behind = ''): string {
  const lane = laneTitle(wait.lane);
  switch (wait.kind) {
    case 'memory':
      return `Waits for memory of ${lane}: needs about ${bytes(wait.needBytes)}, ${bytes(wait.freeBytes)} of ${bytes(wait.budgetBytes)} are left beside the runs at work.`;
    case 'behind':
      return behind === ''
        ? `Waits behind another run, for which the memory of ${lane} is kept.`
        : `Waits behind ${behind}, for which the memory of ${lane} is kept.`;
    case 'closed':
      return `${lane} takes no runs: it has 0 slots.`;
    case 'missing':
      return `${lane} is not there: pin the run to another device, or unpin it.`;
  }
}

/** "1 of 2 slots in use". */
export function slotsWords({ running, slots }: Pick<Lane, 'running' | 'slots'>): string {
  return slots === 1 ? `${running} of 1 slot in use` : `${running} of ${slots} slots in use`;
}

/** "0.3 of 16 GB expected": what runs at work take at their peak. */
export function memoryWords({ takenBytes, budgetBytes }: Pick<Lane, 'takenBytes' | 'budgetBytes'>): string {
  return budgetBytes === undefined ? `${bytes(takenBytes)} expected` : `${bytes(takenBytes)} of ${bytes(budgetBytes)} expected`;
}
