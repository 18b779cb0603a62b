/** Commands of the native menu and links from outside, turned into what the shell does anyway. Desktop only. */
import type { HostCommand } from '#contract/host.ts';
import { appearance } from '#renderer/state/appearance.svelte.ts';
import { router } from '#renderer/state/router.svelte.ts';
import { shell } from '#renderer/state/shell.svelte.ts';
import { attempt, studio } from '#renderer/state/studio.svelte.ts';

export function obey(command: HostCommand): void {
  if (command.type === 'navigate') {
    location.hash = `#${command.route}`;
    return;
  }
  switch (command.command) {
    case 'import-dataset':
      return router.go('datasets', undefined, { import: 'open' });
    case 'new-experiment':
      return router.go('new');
    case 'command-palette':
      return shell.openPalette();
    case 'show-settings':
      return router.go('settings');
    case 'show-shortcuts':
      return shell.openShortcuts();
    case 'toggle-theme': {
      const theme = appearance.resolved === 'dark' ? 'light' : 'dark';
      appearance.apply({ theme });
      void attempt(() => studio.call('settings.set', { theme }));
    }
  }
}
