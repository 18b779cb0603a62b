import * as v from 'valibot';
import { shortcutIds } from './shortcuts.ts';
import { updateActions, type UpdateAction, type UpdateState } from './updates.ts';

/**
 * What the desktop shell gives the page besides the link: a handful of named functions, present as `window.avocet` in Electron and
 * absent in browser mode. A path only ever reaches the page because the person chose it in a dialog that main opened, or dropped it.
 */
export interface HostBridge {
  /**
   * Asks main for a fresh port to the studio. It arrives as a `message` event on `window` whose `data` is {@link portMessage} and
   * whose `ports[0]` is the port; the word {@link portClosed} on the port says that main closed it.
   */
  requestPort(): void;
  /** Asks for a folder in the system's dialog; undefined where the person cancelled. */
  chooseFolder(title?: string): Promise<string | undefined>;
  /** Asks for an existing file; `extensions` without dots, none for any. */
  chooseFile(extensions?: readonly string[], title?: string): Promise<string | undefined>;
  /** Asks where to save; `suggestedName` is a file name without folders. */
  saveFile(suggestedName: string, title?: string): Promise<string | undefined>;
  /** Where a dropped file or folder lies; empty for what lies on no disk. */
  pathOf(file: DroppedFile): string;
  /** Shows a file or folder inside the data folder, or one the person chose, in the system's file manager; rejects for any other. */
  reveal(path: string): Promise<void>;
  /** Moves a file that the person chose or Avocet wrote to the system's own trash, from where it is got back; rejects for any other, and for the data folder. */
  trash(path: string): Promise<void>;
  /** What the present screen offers; the native menu lists it while that screen is shown. */
  screenCommands(commands: readonly ScreenCommand[]): Promise<void>;
  /** Puts plain text on the clipboard. */
  copyText(text: string): Promise<void>;
  /** Looks for, fetches or installs another version, and resolves with how that stands; what follows comes to {@link onUpdate}. */
  update(action: UpdateAction): Promise<UpdateState>;
  /** How an update stands, whenever it changes. Returns what unsubscribes. */
  onUpdate(listener: (state: UpdateState) => void): () => void;
  /** Commands from the native menu and routes from notifications or avocet:// links. Returns what unsubscribes. */
  onCommand(listener: (command: HostCommand) => void): () => void;
}

/** A `File` of the page, which the contract has no type for. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
}

export const portMessage = { avocet: 'port' } as const;
export const portClosed = 'closed';

const title = v.optional(v.pipe(v.string(), v.maxLength(200)));
const extension = v.pipe(v.string(), v.regex(/^[a-z0-9]{1,12}$/i));

/** A place in the app, as in the address after `#`: "/runs", "/runs/r-12?tab=config"; of the signs that `href` of renderer/state/route.ts writes. */
export const routeSchema = v.pipe(v.string(), v.maxLength(4000), v.regex(/^\/(?!\/)[A-Za-z0-9/_.~%=&?+*!'()-]*$/));

export const noticeSchema = v.object({
  title: v.pipe(v.string(), v.maxLength(120)),
  body: v.pipe(v.string(), v.maxLength(500)),
  route: v.optional(routeSchema),
});
export type Notice = v.InferOutput<typeof noticeSchema>;

/** Commands the native menu sends; the page carries the same ones in its palette. */
export const menuCommands = [
  'import-dataset',
  'open',
  'new-experiment',
  'command-palette',
  'show-settings',
  'show-shortcuts',
  'toggle-theme',
  'theme-light',
  'theme-dark',
  'theme-system',
  'toggle-rail',
  'hold-queue',
  'back',
  'forward',
  'undo',
  'redo',
  'show-help',
  'explain',
  'all-help',
  'first-steps',
  'copy-link',
  'clear-recent',
  'check-updates',
] as const;
export type MenuCommand = (typeof menuCommands)[number];

/** A command that the present screen adds to the menu while it is shown. */
const screenCommandSchema = v.object({
  id: v.pipe(v.string(), v.maxLength(100)),
  label: v.pipe(v.string(), v.maxLength(200)),
  shortcut: v.optional(v.picklist(shortcutIds)),
});
export type ScreenCommand = v.InferOutput<typeof screenCommandSchema>;

const hostCommandSchema = v.variant('type', [
  v.object({ type: v.literal('menu'), command: v.picklist(menuCommands) }),
  v.object({ type: v.literal('screen-command'), id: v.string() }),
  /** As if its keys were pressed where the focus is. */
  v.object({ type: v.literal('keys'), id: v.picklist(shortcutIds) }),
  v.object({ type: v.literal('navigate'), route: routeSchema }),
  /** To a screen, as its keys lead there. */
  v.object({ type: v.literal('go'), id: v.picklist(shortcutIds) }),
  /** A folder or file of the person's own: shown in Open, and nothing more done with it. */
  v.object({ type: v.literal('open'), path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)) }),
  /** The page had ended by itself and was loaded again. */
  v.object({ type: v.literal('reloaded') }),
]);
export type HostCommand = v.InferOutput<typeof hostCommandSchema>;

/** The command a message from main carries, or undefined where it has another form. */
export function parseHostCommand(message: unknown): HostCommand | undefined {
  const parsed = v.safeParse(hostCommandSchema, message);
  return parsed.success ? parsed.output : undefined;
}

/** Every function the page may ask of main, by channel: the schema its input is parsed with on arrival. */
export const hostCalls = {
  'host.chooseFolder': v.object({ title }),
  'host.chooseFile': v.object({ title, extensions: v.optional(v.pipe(v.array(extension), v.maxLength(20)), []) }),
  'host.saveFile': v.object({
    title,
    suggestedName: v.pipe(v.string(), v.maxLength(200), v.regex(/^[^/\\]+$/, 'must be a file name without folders')),
  }),
  'host.reveal': v.object({ path: v.pipe(v.string(), v.maxLength(4096)) }),
  'host.trash': v.object({ path: v.pipe(v.string(), v.maxLength(4096)) }),
  'host.screenCommands': v.object({ commands: v.pipe(v.array(screenCommandSchema), v.maxLength(60)) }),
  'host.copyText': v.object({ text: v.pipe(v.string(), v.maxLength(5_000_000)) }),
  'host.update': v.object({ action: v.picklist(updateActions) }),
} as const;
export type HostCall = keyof typeof hostCalls;

/** The channel for the port and the channels on which commands and the state of an update reach the preload. */
export const portChannel = 'link.port';
export const commandChannel = 'host.command';
export const updateChannel = 'host.updateState';

/** Every answer to a host call: only the message of a thrown error would survive the way to the page, so a refusal is a value. */
export type HostAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };
