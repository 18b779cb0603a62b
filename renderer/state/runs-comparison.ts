import { counted } from '#renderer/locales/format.ts';
import { router } from './router.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** More than these are compared by nobody, and no address holds them. */
const most = 2000;

/** Shows these runs of the table in Compare or Export. */
export function toComparison(ids: readonly string[], screen: 'compare' | 'export' = 'compare', tab?: 'curves'): void {
  if (ids.length > most) toasts.say(`${counted(ids.length, 'run')} are too many for one table; narrow the filter to ${most} or fewer`);
  else router.go(screen, undefined, { runs: ids.join(','), ...(tab === undefined ? {} : { tab }) });
}
