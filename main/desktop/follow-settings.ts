import type { Settings } from '#contract/view.ts';
import type { Studio } from '#studio/studio.ts';
import { keepFollowing } from './keep-following.ts';

/** Tells the settings of the data folder, now and after each change, until `signal`; nothing where the studio does not open. */
export async function followSettings(studio: Promise<Studio>, take: (settings: Settings) => void, signal: AbortSignal): Promise<void> {
  // Whoever opened a studio that does not open says why.
  const opened = await studio.catch(() => undefined);
  if (opened === undefined) return;
  await keepFollowing({ open: () => opened.link().stream('settings.watch', {}, signal), take, signal });
}
