import { basename, dirname } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';
import type { HostCommand, MenuCommand, ScreenCommand } from '#contract/host.ts';
import { acceleratorOf } from '#contract/keys.ts';
import type { ListedRecent } from '#contract/opening.ts';
import { shortcuts, type Bindings, type ShortcutId } from '#contract/shortcuts.ts';

export interface MenuOptions {
  readonly platform: string;
  /** False in release builds, which offer no developer tools. */
  readonly isDevelopment: boolean;
  /** The keys of every command, as the person has them. */
  readonly bindings: Bindings;
  /** What the present screen adds to the commands of every screen. */
  readonly screenCommands: readonly ScreenCommand[];
  /** What was opened before, newest first. */
  readonly recent: readonly ListedRecent[];
  readonly send: (command: HostCommand) => void;
  /** Asks first where runs are under way. */
  readonly quit: () => void;
}

const screens: readonly (readonly [label: string, id: ShortcutId])[] = [
  ['Datasets', 'go.datasets'],
  ['New experiment', 'go.new'],
  ['Queue', 'go.queue'],
  ['Runs', 'go.runs'],
  ['Compare', 'go.compare'],
  ['Recommendations', 'go.recommendations'],
  ['Export', 'go.export'],
];

/** Keys that a field, a list or a button may need: the page hears them first, so the menu shows them and takes none. */
const isOfThePage = (chord: string) => !/^(?:Ctrl|Alt)\+|^(?:Shift\+)?F\d{1,2}$/.test(chord);

/** The native menu: every command of the page with its accelerator, and what the system expects in an application menu. */
export function menuTemplate({
  platform,
  isDevelopment,
  bindings,
  screenCommands,
  recent,
  send,
  quit,
}: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const keys = (id: ShortcutId | undefined): Pick<MenuItemConstructorOptions, 'accelerator' | 'registerAccelerator'> => {
    const chord = id === undefined ? undefined : bindings[id].find((each) => acceleratorOf(each) !== undefined);
    const accelerator = chord === undefined ? undefined : acceleratorOf(chord);
    if (chord === undefined || accelerator === undefined) return {};
    if (!isOfThePage(chord)) return { accelerator };
    // A Mac would take the keys all the same.
    return isMac ? {} : { accelerator, registerAccelerator: false };
  };
  const command = (label: string, name: MenuCommand, id?: ShortcutId): MenuItemConstructorOptions => ({
    label,
    ...keys(id),
    // The page owns single keys and the palette; the menu shows the key without taking it twice.
    click: () => send({ type: 'menu', command: name }),
  });
  const go = ([label, id]: (typeof screens)[number]): MenuItemConstructorOptions => ({
    label,
    ...keys(id),
    click: () => send({ type: 'go', id }),
  });
  const settings = command('Settings…', 'show-settings', 'go.settings');
  const leave: MenuItemConstructorOptions = { label: 'Quit Avocet', accelerator: 'CmdOrCtrl+Q', click: quit };
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const isOffered = (id: ShortcutId) => screenCommands.some(({ shortcut }) => shortcut === id);
  /** What keys do where the focus is; the present screen may have its own command for them. */
  const pressed = (...ids: readonly ShortcutId[]): MenuItemConstructorOptions[] =>
    ids.filter((id) => !isOffered(id)).map((id) => ({ label: shortcuts[id].what, ...keys(id), click: () => send({ type: 'keys', id }) }));
  /** What only a screen that offers it can do. */
  const ofScreens = (id: ShortcutId): MenuItemConstructorOptions[] => pressed(id).map((item) => ({ ...item, enabled: false }));
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
              leave,
            ] satisfies MenuItemConstructorOptions[],
          },
        ]
      : []),
    {
      label: 'File',
      submenu: [
        command('New experiment…', 'new-experiment', 'experiment.new'),
        command('Import dataset…', 'import-dataset', 'dataset.import'),
        command('Open…', 'open'),
        {
          label: 'Open recent',
          enabled: recent.length > 0,
          submenu: [
            ...recent.map(({ path, isThere }): MenuItemConstructorOptions => ({
              label: `${basename(path)} (${isThere ? dirname(path) : 'not there any more'})`.replaceAll('&', '&&'),
              enabled: isThere,
              click: () => send({ type: 'open', path }),
            })),
            separator,
            command('Clear the list', 'clear-recent'),
          ],
        },
        separator,
        ...ofScreens('save'),
        ...pressed('export'),
        command('Copy a link to this view', 'copy-link'),
        separator,
        command('Hold or start the queue', 'hold-queue'),
        ...(isMac ? [] : [separator, settings, separator, leave]),
      ],
    },
    {
      label: 'Edit',
      submenu: [
        // In a field they take back typing; the page tells the two apart.
        command('Undo', 'undo', 'undo'),
        command('Redo', 'redo', 'redo'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        separator,
        ...ofScreens('find'),
        ...pressed('rename'),
      ],
    },
    {
      label: 'Go',
      submenu: [
        command('Command palette…', 'command-palette', 'palette'),
        separator,
        command('Back', 'back', 'back'),
        command('Forward', 'forward', 'forward'),
        separator,
        ...screens.map(go),
        separator,
        ...pressed('region.next', 'region.previous'),
      ],
    },
    ...(screenCommands.length === 0
      ? []
      : [
          {
            label: 'Screen',
            submenu: screenCommands.map(({ id, label, shortcut }): MenuItemConstructorOptions => ({
              label,
              ...keys(shortcut),
              click: () => send({ type: 'screen-command', id }),
            })),
          },
        ]),
    {
      label: 'View',
      submenu: [
        {
          label: 'Theme',
          submenu: [
            command('Light', 'theme-light'),
            command('Dark', 'theme-dark'),
            command('As the system', 'theme-system'),
            separator,
            command('Light or dark', 'toggle-theme', 'theme'),
          ],
        },
        command('Collapse or expand the rail', 'toggle-rail', 'rail'),
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
    {
      label: 'Help',
      submenu: [
        command('Help for this screen', 'show-help', 'help'),
        command('Explain what stands here', 'explain', 'explain'),
        command('All help pages', 'all-help'),
        command('First steps', 'first-steps'),
        separator,
        command('Keyboard shortcuts', 'show-shortcuts', 'shortcuts'),
        separator,
        command('Check for updates…', 'check-updates'),
      ],
    },
  ];
}
