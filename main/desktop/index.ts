/**
 * The desktop app, start-up as a table of contents. It is bundled to out/main/desktop.cjs; the worker, the preload and the page lie
 * beside it in out/, in a checkout as in the packaged app.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { app, dialog, ipcMain, MessageChannelMain, nativeTheme, type BrowserWindow } from 'electron';
import { portChannel, type HostCommand } from '#contract/host.ts';
import { toProblem } from '#contract/problem.ts';
import type { Settings } from '#contract/view.ts';
import { chooseHome, followMoves } from '#studio/home.ts';
import { openStudio, type Studio } from '#studio/studio.ts';
import { Activity } from './activity.ts';
import { closeSession, declareAppScheme, serveAppScheme } from './app-protocol.ts';
import { deepLinkRoute } from './deep-link.ts';
import { followRecent } from './follow-recent.ts';
import { followSettings } from './follow-settings.ts';
import { answerHostCalls, reveal, sendCommand, sendUpdate } from './host.ts';
import { Leaving } from './leaving.ts';
import { NativeMenu } from './native-menu.ts';
import { openedPath } from './opened-path.ts';
import { PageEnds } from './page-ends.ts';
import { mainPortChannel } from './port-channel.ts';
import { Presence } from './presence.ts';
import { profilePlace } from './profile-place.ts';
import { RevealablePaths } from './revealable-paths.ts';
import { isOurPage } from './sender.ts';
import { electronSurface } from './surface.ts';
import { underWay } from './under-way.ts';
import { nowhere, updatePlace } from './update-place.ts';
import type * as UpdateSources from './update-source.ts';
import { Updater } from './updater.ts';
import { utilitySpawn } from './utility-spawn.ts';
import { WaitingCommand } from './waiting-command.ts';
import { confine, openWindow } from './window.ts';

const preload = join(__dirname, '..', 'preload', 'index.cjs');
const pages = join(__dirname, '..', 'renderer');
const workerEntry = join(__dirname, 'worker.cjs');
/** For what no start needs: a bundle of its own, read at its first use. */
const requireHere = createRequire(__filename);

const asked = chooseHome(undefined, process.env, process.platform);
const home = placeOf(asked);
/** Asked for where a model, a setting or a window's place keeps the app from working. */
const isSafe = process.argv.includes('--safe-mode');
let window: BrowserWindow | undefined;
/** The page of the window has said what it offers. */
let isPageThere = false;
let pageEnds: PageEnds | undefined;
const waiting = new WaitingCommand((command) => {
  if (!isPageThere || window === undefined || window.isDestroyed()) return false;
  sendCommand(window, command);
  return true;
});
const leaving = new Leaving();
/** What a second start is told of, word for word; Electron sorts and adds to the arguments that it hands over itself. */
interface Start {
  readonly args: readonly string[];
}

/** Where its data are; whoever opens it says why they are not there. */
function placeOf(folder: string): string {
  try {
    return followMoves(folder);
  } catch {
    return folder;
  }
}

function start(): void {
  app.setPath('userData', profilePlace(home));
  const own = process.argv.slice(1);
  if (!app.requestSingleInstanceLock({ args: own } satisfies Start)) return app.quit();
  // Every window asks for the sandbox by itself; forcing it on top would end helper processes where root has switched it off.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  declareAppScheme();
  app.on('web-contents-created', (_event, contents) => confine(contents));
  app.on('second-instance', (_event, args, _folder, start) => {
    if (leaving.isUnderWay) return leaving.andComeBack((start as Start).args);
    show(deepLinkRoute(args));
    waiting.take(opening(openedPath(args, app.isPackaged)));
  });
  app.on('open-url', (_event, address) => {
    if (leaving.isUnderWay) return leaving.andComeBack([...own, address]);
    show(deepLinkRoute([address]));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (leaving.isUnderWay) return leaving.andComeBack([...own, path]);
    if (app.isReady()) show(undefined);
    waiting.take(opening(path));
  });
  void app.whenReady().then(open);
}

function open(): void {
  closeSession();
  serveAppScheme(pages);
  const studio: Promise<Studio> = openStudio({
    home: asked,
    spawn: utilitySpawn(workerEntry),
    resume: true,
    measures: true,
    safe: isSafe,
    host: {
      capabilities: { shell: 'desktop', nativeDialogs: true, revealInFolder: true, platform: process.platform },
      open: async (path) => reveal(path, paths),
    },
    // The app's own files lie in the folder as well.
    onMoved: () => {
      leaving.andComeBack();
      app.quit();
    },
    onNotice: (line) => process.stderr.write(`${line}\n`),
  });
  studio.catch(explainAndQuit);
  const paths = new RevealablePaths(home, async (path) => (await studio).link().call('files.known', { path }));
  const menu = new NativeMenu({
    send: (command) => window !== undefined && !window.isDestroyed() && sendCommand(window, command),
    quit: () => void presence.quit(),
  });
  const { publishers, ...place } = app.isPackaged ? updatePlace(join(process.resourcesPath, 'app-update.yml'), process.platform) : nowhere;
  const updater = new Updater({
    version: app.getVersion(),
    ...place,
    source: async () => (requireHere('./updates.cjs') as typeof UpdateSources).electronSource(process.platform, publishers),
    underWay: () => underWay(studio),
    tell: (state) => window !== undefined && !window.isDestroyed() && sendUpdate(window, state),
  });
  answerHostCalls({
    paths,
    updater,
    onScreenCommands: (commands) => {
      menu.offer(commands);
      // The page listens from here on.
      isPageThere = true;
      waiting.pageCame();
    },
  });
  answerPortRequests(studio);
  const activity = new Activity(studio);
  const surface = electronSurface({
    window: openWindowNow,
    open: (route) => leaving.isUnderWay || show(route),
    quit: () => app.quit(),
  });
  const presence = new Presence(studio, surface);
  pageEnds = new PageEnds({
    ask: surface.ask,
    close: surface.closeWindow,
    reload: () => {
      openWindowNow()?.webContents.reload();
      waiting.take({ type: 'reloaded' });
    },
    end: () => openWindowNow()?.webContents.forcefullyCrashRenderer(),
    keep: (text) => void studio.then((opened) => opened.link().call('diagnostics.crash', { text })).catch(() => undefined),
  });
  const end = new AbortController();
  const take = ({ shortcuts, keepAwake, notifications, theme }: Settings) => {
    menu.show(shortcuts);
    // Dialogs and menus of the system follow, and so does a page that asks for the system's own.
    nativeTheme.themeSource = theme;
    activity.isAllowed = keepAwake;
    presence.isAllowed = notifications;
  };
  void followSettings(studio, take, end.signal);
  void followRecent(studio, (files) => menu.list(files), end.signal);
  waiting.take(opening(openedPath(process.argv, app.isPackaged)));
  show(deepLinkRoute(process.argv));
  app.on('activate', () => (leaving.isUnderWay ? leaving.andComeBack() : show(undefined)));
  app.on('browser-window-created', () => presence.windowOpened());
  app.on('window-all-closed', () => leaving.isUnderWay || void presence.windowClosed());
  leaving.through({
    first: () => {
      end.abort();
      activity.end();
      presence.end();
    },
    close: async () => (await studio).close(),
  });
}

const opening = (path: string | undefined): HostCommand | undefined => (path === undefined ? undefined : { type: 'open', path });
const openWindowNow = (): BrowserWindow | undefined => (window === undefined || window.isDestroyed() ? undefined : window);

/** Brings the window forward, opening it where there is none. */
function show(route: string | undefined): void {
  if (window === undefined || window.isDestroyed()) {
    isPageThere = false;
    const onPageEnded = (reason: string) => {
      isPageThere = false;
      void pageEnds?.ended(reason);
    };
    const onPageHangs = () => void pageEnds?.hangs();
    window = openWindow({ home, preload, isSafe, onPageEnded, onPageHangs, ...(route === undefined ? {} : { route }) });
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
  if (route !== undefined) waiting.take({ type: 'navigate', route });
}

/** Each load of the page gets a port of its own; the studio answers on the other end, once it is open. */
function answerPortRequests(studio: Promise<Studio>): void {
  ipcMain.on(portChannel, (event) => {
    if (!isOurPage(event)) return;
    const { port1, port2 } = new MessageChannelMain();
    event.sender.postMessage(portChannel, null, [port2]);
    void studio.then(
      (opened) => opened.serve(mainPortChannel(port1)),
      () => port1.close(),
    );
  });
}

function explainAndQuit(error: unknown): void {
  const { message, where, fix } = toProblem(error);
  dialog.showErrorBox('Avocet cannot open its data folder', [message, where, fix].filter((line) => line !== undefined).join('\n\n'));
  app.exit(1);
}

start();
