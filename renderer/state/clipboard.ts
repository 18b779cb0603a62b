import type {} from '#renderer/app/link.ts';
import { toProblem } from '#contract/problem.ts';
import { toasts } from './toasts.svelte.ts';

/** Puts text on the clipboard, through the desktop shell where there is one, and says so. */
export async function copyText(text: string, said = 'Copied'): Promise<void> {
  try {
    if (window.avocet !== undefined) await window.avocet.copyText(text);
    else await navigator.clipboard.writeText(text);
    toasts.say(said);
  } catch (error) {
    toasts.fail({
      ...toProblem(error),
      message: 'The clipboard is not available to this page.',
      fix: 'Select the text and copy it by hand.',
    });
  }
}
