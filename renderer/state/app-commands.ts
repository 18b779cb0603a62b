/**
 * The commands that work on every screen, once: the palette lists them, keys and the native menu call them by id. What a page adds while
 * it is shown is in commands.svelte.ts.
 */
import type { MenuCommand } from '#contract/host.ts';
import { en } from '#renderer/locales/en.ts';
import { appearance } from './appearance.svelte.ts';
import type { Command } from './commands.svelte.ts';
import { help } from './help.svelte.ts';
import { history } from './history.svelte.ts';
import { opening } from './opening.svelte.ts';
import { recentFiles } from './recent-files.svelte.ts';
import { router } from './router.svelte.ts';
import { settings } from './settings.svelte.ts';
import { shell } from './shell.svelte.ts';
import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { tour } from './tour.svelte.ts';
import { viewLink } from './view-link.svelte.ts';

export type AppCommand = Command & { readonly id: MenuCommand };

/** Read anew whenever they are shown: some are named by the state they would change. */
export function appCommands(): readonly AppCommand[] {
  const words = en.commands;
  const undoable = history.undoable;
  const redoable = history.redoable;
  // Where nothing lies behind or ahead the keys are the browser's own.
  const back: readonly AppCommand[] = router.canGoBack
    ? [{ id: 'back', label: en.shell.back, shortcut: 'back', icon: 'arrowLeft', run: () => router.back() }]
    : [];
  const forward: readonly AppCommand[] = router.canGoForward
    ? [{ id: 'forward', label: en.shell.forward, shortcut: 'forward', icon: 'arrowRight', run: () => router.forward() }]
    : [];
  return [
    { id: 'new-experiment', label: words.newExperiment, shortcut: 'experiment.new', icon: 'plus', run: () => router.goTo('new') },
    {
      id: 'import-dataset',
      label: words.importDataset,
      shortcut: 'dataset.import',
      icon: 'import',
      run: () => router.go('datasets', undefined, { import: 'open' }),
    },
    { id: 'open', label: words.open, icon: 'folder', run: () => opening.show() },
    { id: 'clear-recent', label: words.clearRecent, icon: 'folder', run: () => void recentFiles.clear() },
    { id: 'command-palette', label: en.shell.search, shortcut: 'palette', icon: 'search', run: () => shell.openPalette() },
    ...back,
    ...forward,
    {
      id: 'undo',
      label: en.shell.undo,
      ...(undoable === undefined ? {} : { hint: undoable.label }),
      shortcut: 'undo',
      icon: 'undo',
      run: () => void history.undo(),
    },
    {
      id: 'redo',
      label: en.shell.redo,
      ...(redoable === undefined ? {} : { hint: redoable.label }),
      shortcut: 'redo',
      icon: 'redo',
      run: () => void history.redo(),
    },
    {
      id: 'hold-queue',
      label: studio.status?.held === true ? words.releaseQueue : words.holdQueue,
      icon: studio.status?.held === true ? 'play' : 'pause',
      run: () => void toasts.tried(() => studio.call('queue.hold', { held: studio.status?.held !== true })),
    },
    {
      id: 'toggle-rail',
      label: shell.isRailCollapsed ? en.shell.expandRail : en.shell.collapseRail,
      shortcut: 'rail',
      icon: 'collapse',
      run: () => shell.toggleRail(),
    },
    {
      id: 'toggle-theme',
      label: words.toggleTheme,
      shortcut: 'theme',
      icon: 'sun',
      run: () => void settings.set({ theme: appearance.resolved === 'dark' ? 'light' : 'dark' }),
    },
    { id: 'theme-light', label: words.lightTheme, icon: 'sun', run: () => void settings.set({ theme: 'light' }) },
    { id: 'theme-dark', label: words.darkTheme, icon: 'moon', run: () => void settings.set({ theme: 'dark' }) },
    { id: 'theme-system', label: words.systemTheme, icon: 'sun', run: () => void settings.set({ theme: 'system' }) },
    { id: 'show-settings', label: words.settings, shortcut: 'go.settings', icon: 'settings', run: () => router.goTo('settings') },
    { id: 'show-help', label: words.help, shortcut: 'help', icon: 'help', run: () => help.show() },
    { id: 'explain', label: words.explain, shortcut: 'explain', icon: 'help', run: () => (shell.isExplaining = true) },
    { id: 'all-help', label: words.allHelp, icon: 'help', run: () => router.go('help') },
    { id: 'show-shortcuts', label: en.shell.shortcuts, shortcut: 'shortcuts', icon: 'keyboard', run: () => shell.openShortcuts() },
    { id: 'copy-link', label: en.shell.copyLink, icon: 'link', run: () => void viewLink.copy() },
    { id: 'check-updates', label: words.checkUpdates, icon: 'refresh', run: () => router.go('settings', 'updates', { at: 'updates' }) },
    { id: 'first-steps', label: words.firstSteps, icon: 'play', run: () => void tour.replay() },
  ];
}

export function runCommand(id: MenuCommand): void {
  appCommands()
    .find((command) => command.id === id)
    ?.run();
}
