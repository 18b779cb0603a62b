import { studio } from './studio.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** Opens the data folder anew, in safe mode or as usual; the page comes back by itself. */
export async function restart(safe: boolean): Promise<void> {
  await toasts.tried(() => studio.call('studio.restart', { safe }));
}
