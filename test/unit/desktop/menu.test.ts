import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuCommands, type HostCommand } from '#contract/host.ts';
import { bindingsOf } from '#contract/shortcuts.ts';
import { menuTemplate } from '../../../main/desktop/menu.ts';

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}

const click = (item: MenuItemConstructorOptions) => (item.click as (() => void) | undefined)?.();

describe.each(['linux', 'darwin', 'win32'])('the native menu on %s', (platform) => {
  const sent: HostCommand[] = [];
  const all = items(
    menuTemplate({ platform, isDevelopment: false, bindings: bindingsOf({}, 'desktop'), send: (command) => sent.push(command) }),
  );

  it('holds every command, each under a key of its own', () => {
    for (const item of all) click(item);
    expect(sent.filter(({ type }) => type === 'menu').map((command) => (command.type === 'menu' ? command.command : ''))).toEqual(
      expect.arrayContaining([...menuCommands]),
    );
    const keys = all.map(({ accelerator }) => accelerator).filter((key) => key !== undefined);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows the keys the person has chosen, and none where there are none', () => {
    const bindings = bindingsOf({ 'dataset.import': ['Ctrl+Shift+KeyI'], 'go.runs': ['Alt+ArrowUp'], theme: [] }, 'desktop');
    const own = items(menuTemplate({ platform, isDevelopment: false, bindings, send: () => undefined }));
    const keysOf = (label: string) => own.find((item) => item.label === label)?.accelerator;
    expect([keysOf('Import dataset…'), keysOf('Runs'), keysOf('Light or dark'), keysOf('Queue')]).toEqual([
      'CmdOrCtrl+Shift+I',
      'Alt+Up',
      undefined,
      'CmdOrCtrl+3',
    ]);
  });

  it('can quit, and offers no developer tools in a release', () => {
    const roles = all.map(({ role }) => role);
    expect(roles).toContain('quit');
    expect(roles).not.toContain('toggleDevTools');
  });
});
