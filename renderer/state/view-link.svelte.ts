/** The link to the present view: what the address holds, or all that a page shows beyond it. */
import { en } from '#renderer/locales/en.ts';
import { copyText } from './clipboard.ts';
import { linkTo } from './route.ts';
import { studio } from './studio.svelte.ts';

class ViewLink {
  #whole: (() => string) | undefined;

  /** A page whose address holds less than what is shown: `$effect(() => viewLink.offer(() => href(…)))`. Returns the clean-up. */
  offer(whole: () => string): () => void {
    this.#whole = whole;
    return () => {
      this.#whole = undefined;
    };
  }

  /** In the desktop app an avocet:// address. */
  copy(): Promise<void> {
    return copyText(linkTo(this.#whole?.() ?? location.hash, location.href, studio.capabilities?.shell === 'desktop'), en.shell.linkCopied);
  }
}

export const viewLink = new ViewLink();
