import type { UnderWay } from '#contract/updates.ts';
import type { Status } from '#contract/view.ts';
import type { Studio } from '#studio/studio.ts';

/** The status of this moment; one that is followed may be a second old. Rejects where the studio does not answer. */
export async function statusNow(studio: Promise<Studio>): Promise<Status> {
  const done = new AbortController();
  try {
    for await (const status of (await studio).link().stream('studio.watch', {}, done.signal)) return status;
  } finally {
    done.abort();
  }
  throw new Error('The studio did not say what is under way');
}

/** What the studio is doing now, or will do next without being told to. Rejects where the studio does not answer. */
export async function underWay(studio: Promise<Studio>): Promise<UnderWay> {
  const { running, waiting, held, jobs, exports } = await statusNow(studio);
  return { runs: running + (held ? 0 : waiting), exports, jobs: jobs.map(({ text }) => text) };
}
