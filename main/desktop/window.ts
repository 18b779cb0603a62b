import { join } from 'node:path';
import { BrowserWindow, Menu, nativeTheme, screen, shell, type WebContents } from 'electron';
import { isAllowedExternal } from './external-links.ts';
import { appOrigin, appPage } from './page-files.ts';
import { textMenu } from './text-menu.ts';
import { clampToScreens, readWindowState, smallest, usualWindow, writeWindowState } from './window-state.ts';

/** --paper of renderer/app/theme.css. */
const paper = { light: '#fbfaf7', dark: '#14171a' } as const;

export interface WindowOptions {
  /** Data folder; the window's place is kept in it. */
  readonly home: string;
  readonly preload: string;
  /** At its usual place and size, wherever it was. */
  readonly isSafe: boolean;
  /** Where the page opens, as after `#`. */
  readonly route?: string;
  /** The page's process ended by itself, for one of Electron's reasons. */
  readonly onPageEnded: (reason: string) => void;
  readonly onPageHangs: () => void;
}

/** Opens the studio's window where it was, wholly visible, and shows it when it has painted. */
export function openWindow({ home, preload, isSafe, route, onPageEnded, onPageHangs }: WindowOptions): BrowserWindow {
  const file = join(home, 'window.json');
  const { theme, ...state } = isSafe ? usualWindow : readWindowState(file);
  // Settings say it again when they are read; till then nothing is to flash in the colours of the system.
  if (theme !== undefined) nativeTheme.themeSource = theme;
  const { isMaximised, ...place } = clampToScreens(
    state,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...place,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Avocet',
    // The page's own paper, so that nothing flashes before it has painted.
    backgroundColor: paperNow(),
    autoHideMenuBar: false,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
  window.once('ready-to-show', () => {
    if (isMaximised) window.maximize();
    window.show();
  });
  // A window that grows shows it before the page has painted.
  const repaper = () => window.setBackgroundColor(paperNow());
  nativeTheme.on('updated', repaper);
  window.on('closed', () => nativeTheme.off('updated', repaper));
  window.on('unresponsive', onPageHangs);
  window.webContents.on('render-process-gone', (_event, { reason }) => onPageEnded(reason));
  // The page's own menus take the event for themselves.
  window.webContents.on('context-menu', (_event, under) => {
    const items = textMenu(under);
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window });
  });
  window.on('close', () => {
    const { x, y, width, height } = window.getNormalBounds();
    try {
      writeWindowState(file, { x, y, width, height, isMaximised: window.isMaximized(), theme: nativeTheme.themeSource });
    } catch {
      // A full or read-only disk must not keep the window open; it opens at its usual place next time.
    }
  });
  void window.loadURL(route === undefined ? appPage : `${appPage}#${route}`);
  return window;
}

const paperNow = () => (nativeTheme.shouldUseDarkColors ? paper.dark : paper.light);

/** Keeps a page where it is: no navigation, no new windows, no embedded pages; links to listed sites open in the person's browser. */
export function confine(contents: WebContents): void {
  contents.on('will-navigate', (event, address) => {
    if (!address.startsWith(`${appOrigin}/`)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}
