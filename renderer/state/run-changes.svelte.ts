import type { RunsChange, RunsStep } from '#contract/runs-table.ts';
import { counted, joined } from '#renderer/locales/format.ts';
import { bytes } from '#renderer/locales/format.ts';
import { laneTitle } from './lane-words.ts';
import { attempt, studio } from './studio.svelte.ts';
import type { Target } from './table-selection.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Changes of runs made from the table, and how lists hear of them when they are taken back from anywhere. */
class RunChanges {
  /** Rises whenever runs were changed from this page: a list that shows runs asks again. */
  version = $state(0);

  /** Does it, says what was done, and lets it be taken back and done again. */
  async make(target: Target, change: RunsChange): Promise<boolean> {
    const answer = await attempt(() =>
      studio.call('runs.change', 'ids' in target ? { ids: [...target.ids], change } : { query: target.query, change }),
    );
    if (answer.problem !== undefined) {
      toasts.fail(answer.problem);
      return false;
    }
    const { changed, locked, working, bytes: size, undo, redo } = answer.value;
    const left = [
      ...(locked > 0 ? [`${counted(locked, 'locked run')} stayed`] : []),
      ...(working > 0 ? [`${counted(working, 'run')} at work stayed`] : []),
    ];
    const done = [`${counted(changed, 'run')} ${doneWords(change)}`, ...(size > 0 ? [bytes(size)] : [])];
    const said = left.length > 0 ? `${joined(done)}; ${joined(left)}` : joined(done);
    if (changed === 0) toasts.say(left.length > 0 ? said : 'Nothing to change: it is so already');
    else
      toasts.say(
        said,
        () => this.#steps(undo),
        () => this.#steps(redo),
      );
    this.version++;
    return true;
  }

  async #steps(steps: readonly RunsStep[]): Promise<void> {
    const answer = await attempt(() => studio.call('runs.steps', { steps: steps.map((step) => ({ ...step, ids: [...step.ids] })) }));
    if (answer.problem !== undefined) toasts.fail(answer.problem);
    else if (answer.value.gone > 0) toasts.say(`${counted(answer.value.gone, 'run')} deleted for good meanwhile: nothing brings that back`);
    this.version++;
  }
}

/** "tagged paper", after how many runs. */
function doneWords(change: RunsChange): string {
  switch (change.type) {
    case 'star':
      return change.starred ? 'starred' : 'without a star';
    case 'archive':
      return change.archived ? 'archived' : 'back from the archive';
    case 'lock':
      return change.locked ? 'locked' : 'unlocked';
    case 'tag':
      return (change.add ?? []).length > 0 ? `tagged ${change.add!.join(', ')}` : `without the tag ${(change.remove ?? []).join(', ')}`;
    case 'note':
      return change.note === '' ? 'without a note' : 'noted';
    case 'own':
      return change.value === '' ? `without ${change.name}` : `given ${change.name} ${change.value}`;
    case 'pin':
      return change.lane === undefined ? 'without a pin' : `pinned to ${laneTitle(change.lane)}`;
    case 'trash':
      return 'moved to the trash';
    case 'restore':
      return 'restored';
  }
}

export const runChanges = new RunChanges();
