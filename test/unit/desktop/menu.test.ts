import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuCommands, type HostCommand } from '#contract/host.ts';
import { acceleratorOf } from '#contract/keys.ts';
import { bindingsOf, shortcutIds, shortcuts, type ChangedShortcuts } from '#contract/shortcuts.ts';
import { menuTemplate } from '../../../main/desktop/menu.ts';

function items(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
}

const click = (item: MenuItemConstructorOptions) => (item.click as (() => void) | undefined)?.();

describe.each(['linux', 'darwin', 'win32'])('the native menu on %s', (platform) => {
  const sent: HostCommand[] = [];
  let quits = 0;
  const screenCommands = [
    { id: 'runs.save', label: 'Save view', shortcut: 'save' as const },
    { id: 'runs.trash', label: 'Empty the trash' },
  ];
  const recent = [
    { path: '/data/R&D/baby', kind: 'dataset' as const, openedAt: 2, isThere: true },
    { path: '/gone/runs.zip', kind: 'bundle' as const, openedAt: 1, isThere: false },
  ];
  const menu = (changed: ChangedShortcuts, more: Partial<Parameters<typeof menuTemplate>[0]> = {}) =>
    items(
      menuTemplate({
        platform,
        isDevelopment: false,
        bindings: bindingsOf(changed, 'desktop'),
        screenCommands,
        recent,
        send: (command) => sent.push(command),
        quit: () => (quits += 1),
        ...more,
      }),
    );
  const all = menu({});

  it('holds every command, each under a key of its own', () => {
    for (const item of all) click(item);
    expect(sent.filter(({ type }) => type === 'menu').map((command) => (command.type === 'menu' ? command.command : ''))).toEqual(
      expect.arrayContaining([...menuCommands]),
    );
    const keys = all.map(({ accelerator }) => accelerator).filter((key) => key !== undefined);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows the keys the person has chosen, and none where there are none', () => {
    const own = menu({ 'dataset.import': ['Ctrl+Shift+KeyI'], 'go.runs': ['Alt+ArrowUp'], theme: [] });
    const keysOf = (label: string) => own.find((item) => item.label === label)?.accelerator;
    expect([keysOf('Import dataset…'), keysOf('Runs'), keysOf('Light or dark'), keysOf('Queue')]).toEqual([
      'CmdOrCtrl+Shift+I',
      'Alt+Up',
      undefined,
      'CmdOrCtrl+3',
    ]);
  });

  it('leads to every screen and holds what the present one offers', () => {
    const ways = sent.flatMap((command) => (command.type === 'go' ? [command.id] : []));
    expect(ways).toEqual(['go.datasets', 'go.new', 'go.queue', 'go.runs', 'go.compare', 'go.recommendations', 'go.export']);
    const own = all.filter(({ label }) => screenCommands.some((command) => command.label === label));
    expect(own.map(({ accelerator }) => accelerator)).toEqual(['CmdOrCtrl+S', undefined]);
    expect(sent).toContainEqual({ type: 'screen-command', id: 'runs.trash' });
  });

  it('has every command that keys start on every screen under its keys, once', () => {
    const bindings = bindingsOf({}, 'desktop');
    const listed = all.map(({ accelerator }) => accelerator);
    for (const id of shortcutIds.filter((each) => shortcuts[each].scope === 'everywhere'))
      expect([id, listed.filter((key) => key === acceleratorOf(bindings[id][0]!)).length]).toEqual([id, 1]);
    expect(sent).toContainEqual({ type: 'keys', id: 'region.next' });
    expect(sent).toContainEqual({ type: 'keys', id: 'export' });
  });

  it('offers what a screen alone can do only where the screen does', () => {
    const state = (offered: typeof screenCommands, label: string) =>
      menu({}, { screenCommands: offered }).find((item) => item.label === label)?.enabled;
    const saving = [shortcuts.save.what, shortcuts.find.what];
    expect(saving.map((label) => state([], label))).toEqual([false, false]);
    expect(saving.map((label) => state(screenCommands, label))).toEqual([undefined, false]);
    expect(state(screenCommands, 'Save view')).not.toBe(false);
  });

  it('shows keys that typing needs and leaves them to the page', () => {
    const trash = { id: 'keys.row.trash', label: 'Move to the trash', shortcut: 'row.trash' as const };
    const own = menu({}, { screenCommands: [trash] }).find(({ label }) => label === trash.label);
    expect([own?.accelerator, own?.registerAccelerator]).toEqual(platform === 'darwin' ? [undefined, undefined] : ['Delete', false]);
  });

  it('opens what was opened before, says what is gone, and clears the list', () => {
    const found = all.filter(({ label }) => /baby|runs\.zip/.test(label ?? ''));
    expect(found.map(({ label, enabled }) => [label, enabled])).toEqual([
      ['baby (/data/R&&D)', true],
      ['runs.zip (not there any more)', false],
    ]);
    expect(sent).toContainEqual({ type: 'open', path: '/data/R&D/baby' });
    expect(sent).toContainEqual({ type: 'menu', command: 'clear-recent' });
  });

  it('can quit, and offers no developer tools in a release', () => {
    const roles = all.map(({ role }) => role);
    click(all.find(({ label }) => label === 'Quit Avocet')!);
    expect(quits).toBeGreaterThan(0);
    expect(roles).not.toContain('toggleDevTools');
  });
});
