/** The menu of a row of the runs table: what can be done to it without selecting it. */
import type { RunsRow } from '#contract/view.ts';
import type { MenuEntry } from '#renderer/components/menu-entry.ts';
import { copyText } from '#renderer/state/clipboard.ts';
import { keyboard } from '#renderer/state/shortcuts.svelte.ts';
import { router } from '#renderer/state/router.svelte.ts';
import { runChanges } from '#renderer/state/run-changes.svelte.ts';
import type { RunsTable } from '#renderer/state/runs-table.svelte.ts';

export function rowEntries(table: RunsTable, row: RunsRow): readonly MenuEntry[] {
  const run = row.runs[0]!;
  const ids = row.runs.map((each) => each.id);
  const isStarred = row.runs.every((each) => each.starred);
  const isLocked = row.runs.every((each) => each.locked === true);
  const isArchived = row.runs.every((each) => each.archivedAt !== undefined);
  const isBaseline = table.isBaseline(row);
  return [
    {
      label: row.runs.length > 1 ? `Open seed ${run.seed}` : 'Open',
      icon: 'eye',
      keys: keyboard.hint('row.open'),
      run: () => router.go('runs', run.id),
    },
    ...(table.view.scope === 'trash'
      ? []
      : [
          {
            label: 'See its curves',
            icon: 'chart' as const,
            run: () => router.go('compare', undefined, { runs: ids.join(','), tab: 'curves' }),
          },
        ]),
    { label: 'Clone into a new experiment', icon: 'clone', run: () => router.go('new', undefined, { from: run.id }) },
    {
      label: 'Show only this model',
      icon: 'filter',
      run: () => table.lay('Filter changed', { facets: { ...table.view.facets, models: [run.model] } }),
    },
    {
      label: isBaseline ? 'Unpin baseline' : 'Use as baseline',
      icon: 'pin',
      rule: true,
      run: () => table.setBaseline(isBaseline ? undefined : row),
    },
    {
      label: table.isPinned(row) && !isBaseline ? 'Unpin' : 'Pin on top',
      icon: 'pin',
      disabled: isBaseline,
      run: () => table.togglePin(row),
    },
    {
      label: isStarred ? 'Remove star' : 'Star',
      icon: 'star',
      rule: true,
      run: () => void runChanges.make({ ids }, { type: 'star', starred: !isStarred }),
    },
    {
      label: isLocked ? 'Unlock' : 'Lock against deletion',
      icon: isLocked ? 'unlock' : 'lock',
      run: () => void runChanges.make({ ids }, { type: 'lock', locked: !isLocked }),
    },
    {
      label: isArchived ? 'Take out of the archive' : 'Archive',
      icon: 'archive',
      run: () => void runChanges.make({ ids }, { type: 'archive', archived: !isArchived }),
    },
    { label: 'Copy the run sentence', icon: 'copy', rule: true, run: () => void copyText(run.sentence) },
    table.view.scope === 'trash'
      ? { label: 'Restore', icon: 'undo', rule: true, run: () => void runChanges.make({ ids }, { type: 'restore' }) }
      : {
          label: 'Move to trash',
          icon: 'trash',
          keys: keyboard.hint('row.trash'),
          danger: true,
          rule: true,
          run: () => void runChanges.make({ ids }, { type: 'trash' }),
        },
  ];
}
