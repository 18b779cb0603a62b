import type { UnderWay } from '#contract/updates.ts';
import type { Studio } from '#studio/studio.ts';

/** What the studio is doing now, or will do next without being told to. Rejects where the studio does not answer. */
export async function underWay(studio: Promise<Studio>): Promise<UnderWay> {
  const done = new AbortController();
  try {
    for await (const { running, waiting, held, jobs, exports } of (await studio).link().stream('studio.watch', {}, done.signal))
      return { runs: running + (held ? 0 : waiting), exports, jobs: jobs.map(({ text }) => text) };
  } finally {
    done.abort();
  }
  throw new Error('The studio did not say what is under way');
}
