/** What the shell does by itself, whichever way it is asked: keys, the native menu, a notification or a link from outside. */
import type { HostCommand } from '#contract/host.ts';
import { keyDownOf } from '#contract/keys.ts';
import type { ShortcutId } from '#contract/shortcuts.ts';
import { en } from '#renderer/locales/en.ts';
import { pages } from '#renderer/pages/registry.ts';
import { appCommands, runCommand } from '#renderer/state/app-commands.ts';
import { commands } from '#renderer/state/commands.svelte.ts';
import { help } from '#renderer/state/help.svelte.ts';
import { opening } from '#renderer/state/opening.svelte.ts';
import { router } from '#renderer/state/router.svelte.ts';
import { keyboard } from '#renderer/state/shortcuts.svelte.ts';
import { toasts } from '#renderer/state/toasts.svelte.ts';

/** Keys that mean more than the command of the menu, or have none there. */
const own: Partial<Record<ShortcutId, () => unknown>> = {
  export: () => router.goTo('export'),
  help: () => help.toggle(),
};

const screenOf = (id: ShortcutId) => (id === 'help' ? undefined : pages.find(({ shortcut }) => shortcut === id)?.screen);
const commandOf = (id: ShortcutId) => appCommands().find(({ shortcut }) => shortcut === id);

/** True for what works on every page, whatever the page adds. */
export const isShellCommand = (id: ShortcutId): boolean =>
  own[id] !== undefined || screenOf(id) !== undefined || commandOf(id) !== undefined;

export function runShellCommand(id: ShortcutId): void {
  const screen = screenOf(id);
  if (own[id] !== undefined) own[id]();
  else if (screen !== undefined) router.goTo(screen);
  else commandOf(id)?.run();
}

/** Does what the keys of a command do where the focus is; the native menu takes no focus from the page. */
function press(id: ShortcutId): void {
  const chord = keyboard.bindings[id][0];
  if (chord !== undefined) (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', keyDownOf(chord)));
}

/** A field takes back its own typing before anything else is taken back. */
function isTyping(): boolean {
  const focused = document.activeElement;
  return (
    focused instanceof HTMLTextAreaElement ||
    (focused instanceof HTMLInputElement && !['checkbox', 'radio', 'range'].includes(focused.type))
  );
}

export function obey(command: HostCommand): void {
  switch (command.type) {
    case 'navigate':
      location.hash = `#${command.route}`;
      return;
    case 'go':
      return runShellCommand(command.id);
    case 'menu':
      if (isTyping() && (command.command === 'undo' || command.command === 'redo')) return void document.execCommand(command.command);
      return runCommand(command.command);
    case 'open':
      return void opening.open([command.path]);
    case 'reloaded':
      return toasts.say(en.shell.reloaded);
    case 'keys':
      return press(command.id);
    case 'screen-command':
      if (command.id.startsWith('keys.')) return press(command.id.slice('keys.'.length) as ShortcutId);
      return commands.all.find(({ id }) => id === command.id)?.run();
  }
}
