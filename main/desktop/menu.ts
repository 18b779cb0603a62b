import type { MenuItemConstructorOptions } from 'electron';
import type { HostCommand } from '#contract/host.ts';

type MenuCommand = Extract<HostCommand, { type: 'menu' }>['command'];

export interface MenuOptions {
  readonly platform: string;
  /** False in release builds, which offer no developer tools. */
  readonly isDevelopment: boolean;
  readonly send: (command: HostCommand) => void;
}

const screens: readonly (readonly [label: string, route: string, accelerator: string])[] = [
  ['Datasets', '/datasets', 'CmdOrCtrl+1'],
  ['Queue', '/queue', 'CmdOrCtrl+3'],
  ['Runs', '/runs', 'CmdOrCtrl+4'],
  ['Compare', '/compare', 'CmdOrCtrl+5'],
  ['Recommendations', '/recommendations', 'CmdOrCtrl+6'],
  ['Export', '/export', 'CmdOrCtrl+7'],
];

/** The native menu: every command of the page with its accelerator, and what the system expects in an application menu. */
export function menuTemplate({ platform, isDevelopment, send }: MenuOptions): MenuItemConstructorOptions[] {
  const command = (label: string, name: MenuCommand, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    // The page owns single keys and the palette; the menu shows the key without taking it twice.
    click: () => send({ type: 'menu', command: name }),
  });
  const go = ([label, route, accelerator]: (typeof screens)[number]): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => send({ type: 'navigate', route }),
  });
  const settings = command('Settings…', 'show-settings', 'CmdOrCtrl+,');
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
        command('New experiment…', 'new-experiment', 'CmdOrCtrl+N'),
        command('Import dataset…', 'import-dataset', 'CmdOrCtrl+I'),
        ...(isMac ? [] : [separator, settings, separator, { role: 'quit' } satisfies MenuItemConstructorOptions]),
      ],
    },
    { role: 'editMenu' },
    { label: 'Go', submenu: [command('Command palette…', 'command-palette', 'CmdOrCtrl+K'), separator, ...screens.map(go)] },
    {
      label: 'View',
      submenu: [
        command('Light or dark', 'toggle-theme', 'CmdOrCtrl+Shift+L'),
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
    { label: 'Help', submenu: [command('Keyboard shortcuts', 'show-shortcuts', 'CmdOrCtrl+/')] },
  ];
}
