/** What can be done with a dataset, the same on its card, in its row and on its own page. */
import type { ListedDataset } from '#contract/dataset-findings.ts';
import type { ShortcutId } from '#contract/shortcuts.ts';
import type { MenuEntry } from '#renderer/components/menu-entry.ts';
import { words } from '#renderer/locales/en-datasets.ts';
import { words as menuWords } from '#renderer/locales/en-menus.ts';
import { folderEntries } from './own-files.ts';
import { router } from './router.svelte.ts';
import { keyboard } from './shortcuts.svelte.ts';
import { attempt, studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

export type DatasetQuestion = 'rename' | 'remove';

type Listed = Pick<ListedDataset, 'id' | 'name' | 'folder' | 'usedByRuns' | 'archivedAt'>;
interface Ways {
  readonly onchanged: () => void;
  /** Opens the dialog of what needs one. */
  readonly ask: (what: DatasetQuestion) => void;
}

/** The menu of a card or a row. */
export function datasetEntries(dataset: Listed, ways: Ways): readonly MenuEntry[] {
  return [
    { label: menuWords.open, icon: 'eye', run: () => router.go('datasets', dataset.id) },
    ...startEntries(dataset),
    ...keepingEntries(dataset, ways).map((entry) => (entry.danger ? { ...entry, ...keysOf('row.trash') } : entry)),
  ];
}

/** What begins with a dataset: buttons on its own page. */
export function startEntries({ id, name }: Listed): readonly MenuEntry[] {
  return [
    { label: words.newExperiment(name), icon: 'plus', run: () => router.go('new', undefined, { dataset: id }) },
    { label: words.split.newSplit, icon: 'plus', run: () => router.go('datasets', id, { split: 'new' }) },
  ];
}

/** What keeps a dataset, changes it or takes it away. */
export function keepingEntries(dataset: Listed, { onchanged, ask }: Ways): readonly MenuEntry[] {
  const { folder, usedByRuns } = dataset;
  return [
    ...folderEntries(folder),
    archiveEntry(dataset, onchanged),
    { label: words.rename, icon: 'edit', ...keysOf('rename'), run: () => ask('rename') },
    {
      label: words.remove,
      icon: 'trash',
      danger: true,
      rule: true,
      disabled: usedByRuns > 0,
      ...(usedByRuns > 0 ? { hint: words.usedBy(usedByRuns) } : {}),
      run: () => ask('remove'),
    },
  ];
}

const keysOf = (shortcut: ShortcutId) => ({ shortcut, keys: keyboard.hint(shortcut) });

/** The keys of a card or a row that has the focus: those its menu shows. */
export function datasetKeys(event: KeyboardEvent, entries: readonly MenuEntry[]): void {
  const entry = entries.find(({ shortcut }) => shortcut !== undefined && keyboard.is(event, shortcut));
  if (entry === undefined || (event.target as HTMLElement).closest('input, textarea') !== null) return;
  event.preventDefault();
  // Why it is refused stands in the menu, and where the keys were pressed.
  if (entry.disabled === true) toasts.say(entry.hint ?? entry.label);
  else entry.run();
}

/** Archiving, with Undo: it leaves the lists and stays on the disk with all that uses it. Named by what it would do now. */
function archiveEntry({ id, name, archivedAt }: Listed, onchanged: () => void): MenuEntry {
  async function archive(archived: boolean, isUndo = false) {
    const { problem } = await attempt(() => studio.call('datasets.archive', { id, archived }));
    if (problem !== undefined) return toasts.fail(problem);
    if (!isUndo) toasts.say(archived ? words.archived(name) : words.unarchived(name), () => archive(!archived, true));
    onchanged();
  }
  const isIn = archivedAt === undefined;
  return { label: isIn ? words.archive : words.unarchive, icon: isIn ? 'archive' : 'eye', run: () => void archive(isIn) };
}
