import { stat } from 'node:fs/promises';
import { BrowserWindow, clipboard, dialog, ipcMain, shell, type IpcMainInvokeEvent } from 'electron';
import * as v from 'valibot';
import {
  commandChannel,
  hostCalls,
  updateChannel,
  type HostAnswer,
  type HostCall,
  type HostCommand,
  type ScreenCommand,
} from '#contract/host.ts';
import type { UpdateState } from '#contract/updates.ts';
import type { RevealablePaths } from './revealable-paths.ts';
import { isOurPage } from './sender.ts';
import type { Updater } from './updater.ts';

type Input<Call extends HostCall> = v.InferOutput<(typeof hostCalls)[Call]>;
type Handlers = { readonly [Call in HostCall]: (input: Input<Call>, window: BrowserWindow) => Promise<unknown> | unknown };

/** Sends a command of the native menu, a notification or a deep link to the page. */
export function sendCommand(window: BrowserWindow, command: HostCommand): void {
  window.webContents.send(commandChannel, command);
}

/** Tells the page how an update stands. */
export function sendUpdate(window: BrowserWindow, state: UpdateState): void {
  window.webContents.send(updateChannel, state);
}

/** Shows a path in the system's file manager. @throws for one that neither the person nor the studio gave to the page, or that is gone */
export async function reveal(path: string, paths: RevealablePaths): Promise<void> {
  await paths.check(path);
  // The file manager says nothing of what is not there.
  await stat(path).catch(() => {
    throw new Error(`${path} is not there any more`);
  });
  shell.showItemInFolder(path);
}

/** What lies in the data folder goes to its own trash, or is purged: records would point at what is gone. */
async function toTrash(path: string, paths: RevealablePaths): Promise<void> {
  await paths.checkTrash(path);
  await shell.trashItem(path);
}

export interface HostNeeds {
  readonly paths: RevealablePaths;
  readonly updater: Pick<Updater, 'act'>;
  readonly onScreenCommands: (commands: readonly ScreenCommand[]) => void;
}

/** The functions of the system that the page may use, each answered only to our own page and only for input of the agreed form. */
export function answerHostCalls({ paths, updater, onScreenCommands }: HostNeeds): void {
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
    'host.trash': ({ path }) => toTrash(path, paths),
    'host.screenCommands': ({ commands }) => onScreenCommands(commands),
    'host.copyText': ({ text }) => clipboard.writeText(text),
    'host.update': ({ action }) => updater.act(action),
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
