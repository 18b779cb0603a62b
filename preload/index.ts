/**
 * The bridge: runs sandboxed beside the page, hands it one MessagePort and the few named functions of the host contract.
 * It adds no abilities of its own; main checks sender and shape of everything that arrives from here.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  commandChannel,
  parseHostCommand,
  portChannel,
  portMessage,
  updateChannel,
  type HostAnswer,
  type HostBridge,
  type HostCall,
} from '#contract/host.ts';
import { parseUpdateState, type UpdateState } from '#contract/updates.ts';

async function ask(call: HostCall, input: unknown): Promise<unknown> {
  const answer = (await ipcRenderer.invoke(call, input)) as HostAnswer;
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

/** Hands on what main says on a channel, as far as it has the agreed form. Returns what unsubscribes. */
function hear<T>(channel: string, parse: (message: unknown) => T | undefined, listener: (heard: T) => void): () => void {
  const receive = (_event: unknown, message: unknown): void => {
    const parsed = parse(message);
    if (parsed !== undefined) listener(parsed);
  };
  ipcRenderer.on(channel, receive);
  return () => void ipcRenderer.off(channel, receive);
}

ipcRenderer.on(portChannel, ({ ports }) => {
  window.postMessage(portMessage, window.location.origin, ports as MessagePort[]);
});

const bridge: HostBridge = {
  requestPort: () => ipcRenderer.send(portChannel),
  chooseFolder: (title) => ask('host.chooseFolder', { title }) as Promise<string | undefined>,
  chooseFile: (extensions, title) => ask('host.chooseFile', { extensions, title }) as Promise<string | undefined>,
  saveFile: (suggestedName, title) => ask('host.saveFile', { suggestedName, title }) as Promise<string | undefined>,
  pathOf: (file) => webUtils.getPathForFile(file as File),
  reveal: (path) => ask('host.reveal', { path }) as Promise<never>,
  trash: (path) => ask('host.trash', { path }) as Promise<never>,
  screenCommands: (commands) => ask('host.screenCommands', { commands }) as Promise<never>,
  copyText: (text) => ask('host.copyText', { text }) as Promise<never>,
  update: (action) => ask('host.update', { action }) as Promise<UpdateState>,
  onUpdate: (listener) => hear(updateChannel, parseUpdateState, listener),
  onCommand: (listener) => hear(commandChannel, parseHostCommand, listener),
};

contextBridge.exposeInMainWorld('avocet', bridge);
