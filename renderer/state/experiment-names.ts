/** Renaming an experiment, with the way back. */
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

interface Renaming {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Called whenever it has another name: now, taken back, done again. */
  readonly onchanged: () => void;
}

export async function renameExperiment({ id, from, to, onchanged }: Renaming): Promise<void> {
  if (to === from) return;
  const name = async (wanted: string) => {
    const { problem } = await attempt(() => studio.call('experiments.describe', { id, name: wanted }));
    if (problem === undefined) onchanged();
    else toasts.fail(problem);
    return problem === undefined;
  };
  if (!(await name(to))) return;
  toasts.say(
    `Experiment ${from} renamed to ${to}`,
    async () => void (await name(from)),
    async () => void (await name(to)),
  );
}
