/** What the shell does by itself, whichever way it is asked: keys, the native menu, a notification or a link from outside. */
import type { HostCommand } from '#contract/host.ts';
import type { ShortcutId } from '#contract/shortcuts.ts';
import { appearance } from '#renderer/state/appearance.svelte.ts';
import { history } from '#renderer/state/history.svelte.ts';
import { screens } from '#renderer/state/route.ts';
import { router } from '#renderer/state/router.svelte.ts';
import { settings } from '#renderer/state/settings.svelte.ts';
import { shell } from '#renderer/state/shell.svelte.ts';

const own: Partial<Record<ShortcutId, () => unknown>> = {
  palette: () => shell.openPalette(),
  shortcuts: () => shell.openShortcuts(),
  'experiment.new': () => router.go('new'),
  'dataset.import': () => router.go('datasets', undefined, { import: 'open' }),
  export: () => router.go('export'),
  rail: () => shell.toggleRail(),
  undo: () => history.undo(),
  redo: () => history.redo(),
  theme: () => settings.set({ theme: appearance.resolved === 'dark' ? 'light' : 'dark' }),
  'region.next': () => undefined,
  'region.previous': () => undefined,
  ...Object.fromEntries(screens.map((screen) => [`go.${screen}`, () => router.go(screen)])),
};

/** True for what works on every page, whatever the page adds. */
export const isShellCommand = (id: ShortcutId): boolean => own[id] !== undefined;

export function runShellCommand(id: ShortcutId): void {
  void own[id]?.();
}

const ofMenu = {
  'import-dataset': 'dataset.import',
  'new-experiment': 'experiment.new',
  'command-palette': 'palette',
  'show-settings': 'go.settings',
  'show-shortcuts': 'shortcuts',
  'toggle-theme': 'theme',
} as const satisfies Record<Extract<HostCommand, { type: 'menu' }>['command'], ShortcutId>;

export function obey(command: HostCommand): void {
  if (command.type === 'navigate') location.hash = `#${command.route}`;
  else runShellCommand(ofMenu[command.command]);
}
