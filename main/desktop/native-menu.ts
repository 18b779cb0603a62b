import { app, Menu } from 'electron';
import type { HostCommand } from '#contract/host.ts';
import { bindingsOf, type ChangedShortcuts } from '#contract/shortcuts.ts';
import { menuTemplate } from './menu.ts';

/** The native menu with its accelerators: the usual ones at once, those of the person when the settings are known and whenever they change. */
export class NativeMenu {
  readonly #send: (command: HostCommand) => void;
  #shown: string | undefined;

  constructor(send: (command: HostCommand) => void) {
    this.#send = send;
    this.show({});
  }

  show(changed: ChangedShortcuts): void {
    const text = JSON.stringify(changed);
    if (text === this.#shown) return;
    this.#shown = text;
    const bindings = bindingsOf(changed, 'desktop');
    const template = menuTemplate({ platform: process.platform, isDevelopment: !app.isPackaged, bindings, send: this.#send });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }
}
