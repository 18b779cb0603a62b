import * as v from 'valibot';

/**
 * What the desktop shell gives the page besides the link: a handful of named functions, present as `window.avocet` in Electron and
 * absent in browser mode. A path only ever reaches the page because the person chose it in a dialog that main opened.
 */
export interface HostBridge {
  /**
   * Hands over the one MessagePort to the studio. The port arrives once per loaded page as a `message` event on `window` whose
   * `data` is {@link portMessage} and whose `ports[0]` is the port; calling this is what makes main send it.
   */
  requestPort(): void;
  /** Asks for a folder in the system's dialog; undefined where the person cancelled. */
  chooseFolder(options: ChooseOptions): Promise<string | undefined>;
  /** Asks for an existing file; `extensions` without dots, [] for any. */
  chooseFile(options: ChooseOptions & { readonly extensions: readonly string[] }): Promise<string | undefined>;
  /** Asks where to save; `suggestedName` is a file name without folders. */
  chooseSavePath(options: ChooseOptions & { readonly suggestedName: string }): Promise<string | undefined>;
  /** Shows a file or folder inside the data folder, or one the person chose, in the system's file manager. False where refused. */
  reveal(path: string): Promise<boolean>;
  /** Shows a native notification unless the window has the focus; a click navigates the page to `route`. */
  notify(notice: Notice): Promise<void>;
  /** Puts plain text on the clipboard. */
  copyText(text: string): Promise<void>;
  /** Commands from the native menu and routes from notifications or avocet:// links. Returns what unsubscribes. */
  onCommand(listener: (command: HostCommand) => void): () => void;
}

export const portMessage = 'avocet:port';

export const chooseOptionsSchema = v.object({ title: v.pipe(v.string(), v.maxLength(200)) });
export type ChooseOptions = v.InferOutput<typeof chooseOptionsSchema>;

export const chooseFileSchema = v.object({
  ...chooseOptionsSchema.entries,
  extensions: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9]{1,12}$/i))), v.maxLength(20)),
});

export const chooseSavePathSchema = v.object({
  ...chooseOptionsSchema.entries,
  suggestedName: v.pipe(v.string(), v.maxLength(200), v.regex(/^[^/\\]+$/, 'must be a file name without folders')),
});

/** A place in the app, as in the address after `#`: "/runs", "/run/r-12". */
export const routeSchema = v.pipe(v.string(), v.maxLength(300), v.regex(/^\/[A-Za-z0-9/_.~%=&?-]*$/));

export const noticeSchema = v.object({
  title: v.pipe(v.string(), v.maxLength(120)),
  body: v.pipe(v.string(), v.maxLength(500)),
  route: v.optional(routeSchema),
});
export type Notice = v.InferOutput<typeof noticeSchema>;

/** Commands the native menu sends; the page carries the same ones in its palette. */
export const menuCommands = [
  'import-dataset',
  'new-experiment',
  'command-palette',
  'show-settings',
  'show-shortcuts',
  'toggle-theme',
] as const;

export const hostCommandSchema = v.variant('type', [
  v.object({ type: v.literal('menu'), command: v.picklist(menuCommands) }),
  v.object({ type: v.literal('navigate'), route: routeSchema }),
]);
export type HostCommand = v.InferOutput<typeof hostCommandSchema>;

/** Every function the page may ask of main, by channel: the schema its input is parsed with on arrival. */
export const hostCalls = {
  'host.chooseFolder': chooseOptionsSchema,
  'host.chooseFile': chooseFileSchema,
  'host.chooseSavePath': chooseSavePathSchema,
  'host.reveal': v.object({ path: v.pipe(v.string(), v.maxLength(4096)) }),
  'host.notify': noticeSchema,
  'host.copyText': v.object({ text: v.pipe(v.string(), v.maxLength(5_000_000)) }),
} as const;
export type HostCall = keyof typeof hostCalls;

/** The channel for the port and the channel on which commands reach the preload. */
export const portChannel = 'link.port';
export const commandChannel = 'host.command';
