/** Archiving a dataset, with Undo: it leaves the lists and stays on the disk with all that uses it. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { MenuEntry } from '#renderer/components/menu-entry.ts';
import { words } from '#renderer/locales/en-datasets.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** The entry of a menu, named by what it would do now. */
export function archiveEntry({ id, name, archivedAt }: DatasetSummary, onchanged: () => void): MenuEntry {
  async function archive(archived: boolean, isUndo = false) {
    const { problem } = await attempt(() => studio.call('datasets.archive', { id, archived }));
    if (problem !== undefined) return toasts.fail(problem);
    if (!isUndo) toasts.say(archived ? words.archived(name) : words.unarchived(name), () => archive(!archived, true));
    onchanged();
  }
  const isIn = archivedAt === undefined;
  return { label: isIn ? words.archive : words.unarchive, icon: 'eye', run: () => void archive(isIn) };
}
