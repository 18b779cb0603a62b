import { BrowserWindow, clipboard, dialog, ipcMain, shell, type IpcMainInvokeEvent } from 'electron';
import * as v from 'valibot';
import { commandChannel, hostCalls, type HostAnswer, type HostCall, type HostCommand, type ScreenCommand } from '#contract/host.ts';
import type { RevealablePaths } from './revealable-paths.ts';
import { isOurPage } from './sender.ts';

type Input<Call extends HostCall> = v.InferOutput<(typeof hostCalls)[Call]>;
type Handlers = { readonly [Call in HostCall]: (input: Input<Call>, window: BrowserWindow) => Promise<unknown> | unknown };

/** Sends a command of the native menu, a notification or a deep link to the page. */
export function sendCommand(window: BrowserWindow, command: HostCommand): void {
  window.webContents.send(commandChannel, command);
}

/** Shows a path in the system's file manager. Throws for one that the page was never given. */
export function reveal(path: string, paths: RevealablePaths): void {
  if (!paths.has(path)) throw new Error(`${path} is neither in the data folder nor a place chosen in a dialog`);
  shell.showItemInFolder(path);
}

/** The functions of the system that the page may use, each answered only to our own page and only for input of the agreed form. */
export function answerHostCalls(paths: RevealablePaths, onScreenCommands: (commands: readonly ScreenCommand[]) => void): void {
  const chosen = (path: string | undefined): string | undefined => {
    if (path !== undefined) paths.add(path);
    return path;
  };

  const handlers: Handlers = {
    'host.chooseFolder': async ({ title }, window) => {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: title ?? 'Choose a folder',
        properties: ['openDirectory', 'createDirectory'],
      });
      return chosen(canceled ? undefined : filePaths[0]);
    },
    'host.chooseFile': async ({ title, extensions }, window) => {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: title ?? 'Choose a file',
        properties: ['openFile'],
        filters: extensions.length > 0 ? [{ name: extensions.join(', '), extensions }] : [],
      });
      return chosen(canceled ? undefined : filePaths[0]);
    },
    'host.saveFile': async ({ title, suggestedName }, window) => {
      const { canceled, filePath } = await dialog.showSaveDialog(window, { title: title ?? 'Save', defaultPath: suggestedName });
      return chosen(canceled || filePath === '' ? undefined : filePath);
    },
    'host.reveal': ({ path }) => reveal(path, paths),
    'host.screenCommands': ({ commands }) => onScreenCommands(commands),
    'host.copyText': ({ text }) => clipboard.writeText(text),
  };

  for (const call of Object.keys(hostCalls) as HostCall[]) {
    ipcMain.handle(call, (event, input: unknown) => answer(call, handlers, event, input));
  }
}

async function answer(call: HostCall, handlers: Handlers, event: IpcMainInvokeEvent, input: unknown): Promise<HostAnswer> {
  const window = BrowserWindow.fromWebContents(event.sender);
  if (window === null || !isOurPage(event)) return { ok: false, message: `${call} is answered to Avocet's own page only` };
  const parsed = v.safeParse(hostCalls[call], input);
  if (!parsed.success) return { ok: false, message: `${call}: ${parsed.issues[0].message}` };
  try {
    const handler = handlers[call] as (input: unknown, window: BrowserWindow) => unknown;
    return { ok: true, value: await handler(parsed.output, window) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
