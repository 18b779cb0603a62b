import { app, Menu } from 'electron';
import type { HostCommand, ScreenCommand } from '#contract/host.ts';
import type { ListedRecent } from '#contract/opening.ts';
import { bindingsOf, type ChangedShortcuts } from '#contract/shortcuts.ts';
import { menuTemplate } from './menu.ts';

export interface NativeMenuOptions {
  readonly send: (command: HostCommand) => void;
  readonly quit: () => void;
}

/**
 * The native menu with its accelerators: the usual ones at once, those of the person when the settings are known and whenever they
 * change; and what the screen that is shown offers.
 */
export class NativeMenu {
  readonly #options: NativeMenuOptions;
  #changed: ChangedShortcuts = {};
  #screenCommands: readonly ScreenCommand[] = [];
  #recent: readonly ListedRecent[] = [];
  #shown: string | undefined;

  constructor(options: NativeMenuOptions) {
    this.#options = options;
    this.#draw();
  }

  show(changed: ChangedShortcuts): void {
    this.#changed = changed;
    this.#draw();
  }

  list(recent: readonly ListedRecent[]): void {
    this.#recent = recent;
    this.#draw();
  }

  offer(screenCommands: readonly ScreenCommand[]): void {
    this.#screenCommands = screenCommands;
    this.#draw();
  }

  #draw(): void {
    const text = JSON.stringify([this.#changed, this.#screenCommands, this.#recent]);
    if (text === this.#shown) return;
    this.#shown = text;
    const bindings = bindingsOf(this.#changed, 'desktop');
    const template = menuTemplate({
      platform: process.platform,
      isDevelopment: !app.isPackaged,
      bindings,
      screenCommands: this.#screenCommands,
      recent: this.#recent,
      ...this.#options,
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }
}
