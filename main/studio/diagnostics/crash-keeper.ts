/** Unexpected errors of the studio's process and of its workers, kept on this disk where Settings allow it, redacted before they are written. */
import type { SettingsBox } from '../settings.ts';
import { keepCrash } from './crashes.ts';
import { redact } from './redact.ts';
import { privateHere } from './report.ts';

export class CrashKeeper {
  readonly #home: string;
  readonly #settings: Pick<SettingsBox, 'value'>;

  constructor(home: string, settings: Pick<SettingsBox, 'value'>) {
    this.#home = home;
    this.#settings = settings;
  }

  /** False where nobody allowed it, or the disk takes nothing. */
  keep(text: string): boolean {
    if (!this.#settings.value.keepsCrashes) return false;
    try {
      keepCrash(this.#home, redact(text.slice(0, 20_000), privateHere(this.#home)), Date.now());
      return true;
    } catch {
      return false;
    }
  }

  /** Errors that end this process, or would have; what happens then stays as it is. Gives back how to leave. */
  watchProcess(): () => void {
    const keep = (error: unknown) => void this.keep(`studio ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.on('uncaughtExceptionMonitor', keep);
    return () => void process.off('uncaughtExceptionMonitor', keep);
  }
}
