import { toProblem } from '#contract/problem.ts';
import type { Settings } from '#contract/view.ts';
import type { Studio } from '#studio/studio.ts';

/** Tells the settings of the data folder, now and after each change, while the app lives; nothing where the studio does not open. */
export async function followSettings(studio: Promise<Studio>, take: (settings: Settings) => void): Promise<void> {
  // Whoever opened a studio that does not open says why.
  const opened = await studio.catch(() => undefined);
  // The owner of the folder may end and another take its place: the settings are the same.
  for (let isAnswered = opened !== undefined; isAnswered;) {
    isAnswered = false;
    try {
      for await (const settings of opened!.link().stream('settings.watch', {})) {
        isAnswered = true;
        take(settings);
      }
    } catch (error) {
      if (toProblem(error).code !== 'link.closed') return;
    }
  }
}
