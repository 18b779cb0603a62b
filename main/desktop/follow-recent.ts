import { app } from 'electron';
import type { ListedRecent } from '#contract/opening.ts';
import type { Studio } from '#studio/studio.ts';
import { keepFollowing } from './keep-following.ts';

/** Tells what was opened lately, now and after each change, and the system where it keeps such a list (the taskbar of Windows, the dock of a Mac). */
export async function followRecent(
  studio: Promise<Studio>,
  take: (files: readonly ListedRecent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  // Whoever opened a studio that does not open says why.
  const opened = await studio.catch(() => undefined);
  if (opened === undefined) return;
  await keepFollowing({
    open: () => opened.link().stream('files.recent', {}, signal),
    take: ({ files }) => {
      take(files);
      app.clearRecentDocuments();
      // The last one added stands first.
      for (const { path, isThere } of [...files].reverse()) if (isThere) app.addRecentDocument(path);
    },
    signal,
  });
}
