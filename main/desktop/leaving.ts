import { app, BrowserWindow } from 'electron';

/** A page that does not answer keeps its window so long; then it goes without it. */
const pagePatienceMs = 3000;

/**
 * The way out. Windows close first, so that a page keeps what was typed last while there is a studio to keep it; then the studio
 * closes, and the process ends. A second quit does not wait.
 */
export class Leaving {
  #isUnderWay = false;
  #comesBack = false;

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** `first` ends what would open a window or quit by itself, `close` what the process holds; runs go on from their last checkpoint at the next start. */
  through({ first, close }: { readonly first: () => void; readonly close: () => Promise<void> }): void {
    app.on('before-quit', (event) => {
      if (this.#isUnderWay) return;
      this.#isUnderWay = true;
      event.preventDefault();
      first();
      void Promise.all(BrowserWindow.getAllWindows().map(closed))
        .then(close)
        .catch(() => undefined)
        .finally(() => app.quit());
    });
  }

  /**
   * Starts the app again when this process has ended. One app runs per data folder: a start that finds this one on its way out would
   * end without a word, and nothing would come up.
   */
  andComeBack(args: readonly string[] = process.argv.slice(1)): void {
    if (this.#comesBack) return;
    this.#comesBack = true;
    // An AppImage is mounted for the time of its process; only the image itself can be started afterwards.
    app.relaunch({ args: [...args], execPath: process.env['APPIMAGE'] ?? process.execPath });
  }
}

function closed(window: BrowserWindow): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => window.destroy(), pagePatienceMs);
    window.once('closed', () => {
      clearTimeout(late);
      resolve();
    });
    window.close();
  });
}
