import type { MenuItemConstructorOptions } from 'electron';
import type { HostCommand } from '#contract/host.ts';
import { acceleratorOf } from '#contract/keys.ts';
import type { Bindings, ShortcutId } from '#contract/shortcuts.ts';

type MenuCommand = Extract<HostCommand, { type: 'menu' }>['command'];

export interface MenuOptions {
  readonly platform: string;
  /** False in release builds, which offer no developer tools. */
  readonly isDevelopment: boolean;
  /** The keys of every command, as the person has them. */
  readonly bindings: Bindings;
  readonly send: (command: HostCommand) => void;
}

const screens: readonly (readonly [label: string, route: string, id: ShortcutId])[] = [
  ['Datasets', '/datasets', 'go.datasets'],
  ['Queue', '/queue', 'go.queue'],
  ['Runs', '/runs', 'go.runs'],
  ['Compare', '/compare', 'go.compare'],
  ['Recommendations', '/recommendations', 'go.recommendations'],
  ['Export', '/export', 'go.export'],
];

/** The native menu: every command of the page with its accelerator, and what the system expects in an application menu. */
export function menuTemplate({ platform, isDevelopment, bindings, send }: MenuOptions): MenuItemConstructorOptions[] {
  const keys = (id: ShortcutId): { accelerator?: string } => {
    const accelerator = bindings[id].map(acceleratorOf).find((found) => found !== undefined);
    return accelerator === undefined ? {} : { accelerator };
  };
  const command = (label: string, name: MenuCommand, id: ShortcutId): MenuItemConstructorOptions => ({
    label,
    ...keys(id),
    // The page owns single keys and the palette; the menu shows the key without taking it twice.
    click: () => send({ type: 'menu', command: name }),
  });
  const go = ([label, route, id]: (typeof screens)[number]): MenuItemConstructorOptions => ({
    label,
    ...keys(id),
    click: () => send({ type: 'navigate', route }),
  });
  const settings = command('Settings…', 'show-settings', 'go.settings');
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const isMac = platform === 'darwin';
  return [
    ...(isMac
      ? [
          {
            label: 'Avocet',
            submenu: [
              { role: 'about' },
              separator,
              settings,
              separator,
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              separator,
              { role: 'quit' },
            ] satisfies MenuItemConstructorOptions[],
          },
        ]
      : []),
    {
      label: 'File',
      submenu: [
        command('New experiment…', 'new-experiment', 'experiment.new'),
        command('Import dataset…', 'import-dataset', 'dataset.import'),
        ...(isMac ? [] : [separator, settings, separator, { role: 'quit' } satisfies MenuItemConstructorOptions]),
      ],
    },
    { role: 'editMenu' },
    { label: 'Go', submenu: [command('Command palette…', 'command-palette', 'palette'), separator, ...screens.map(go)] },
    {
      label: 'View',
      submenu: [
        command('Light or dark', 'toggle-theme', 'theme'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(isDevelopment ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies MenuItemConstructorOptions[]) : []),
      ],
    },
    { role: 'windowMenu' },
    { label: 'Help', submenu: [command('Keyboard shortcuts', 'show-shortcuts', 'shortcuts')] },
  ];
}
