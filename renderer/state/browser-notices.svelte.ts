import type { Notice } from '#contract/host.ts';
import { studio } from './studio.svelte.ts';

type Permission = 'granted' | 'denied' | 'default' | 'unsupported';

/** Notifications in browser mode, through the browser's own; never before the person has allowed them in Settings. */
class BrowserNotices {
  #permission = $state<Permission>(typeof Notification === 'undefined' ? 'unsupported' : Notification.permission);

  get permission(): Permission {
    return this.#permission;
  }

  /** Asks the browser, which asks the person. */
  async allow(): Promise<boolean> {
    if (typeof Notification === 'undefined') return false;
    this.#permission = await Notification.requestPermission();
    return this.#permission === 'granted';
  }

  /** Announces while the page is not in front, until `signal` aborts. */
  follow(signal: AbortSignal): void {
    void studio.follow('studio.notices', {}, show, signal);
  }
}

function show({ title, body, route }: Notice): void {
  if (document.hasFocus()) return;
  const notification = new Notification(title, { body });
  notification.onclick = () => {
    window.focus();
    if (route !== undefined) location.hash = `#${route}`;
    notification.close();
  };
}

export const browserNotices = new BrowserNotices();
