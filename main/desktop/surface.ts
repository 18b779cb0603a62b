import { dialog, Menu, nativeImage, Notification, Tray, type BrowserWindow } from 'electron';
import type { Surface } from './presence.ts';
import { trayIcon } from './tray-icon.ts';

const iconSize = 32;

export interface SurfaceOptions {
  readonly window: () => BrowserWindow | undefined;
  readonly open: (route: string | undefined) => void;
  readonly quit: () => void;
}

/** Electron's own taskbar, tray and notifications. */
export function electronSurface({ window, open, quit }: SurfaceOptions): Surface {
  let tray: Tray | undefined;
  return {
    window,
    open,
    quit,
    ask: async ({ message, detail, buttons }) => {
      const [owner, last] = [window(), buttons.length - 1];
      const options = { type: 'question' as const, message, detail, buttons: [...buttons], defaultId: 0, cancelId: last, noLink: true };
      return (await (owner === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(owner, options))).response;
    },
    closeWindow: () => window()?.close(),
    showTray: ({ tooltip, menu }) => {
      tray ??= new Tray(nativeImage.createFromBitmap(trayIcon(iconSize), { width: iconSize, height: iconSize }));
      tray.setToolTip(tooltip);
      tray.setContextMenu(Menu.buildFromTemplate([...menu]));
    },
    hideTray: () => {
      tray?.destroy();
      tray = undefined;
    },
    notify: ({ title, body }, onClick) => {
      if (!Notification.isSupported()) return;
      const notification = new Notification({ title, body });
      notification.on('click', onClick);
      notification.show();
    },
  };
}
