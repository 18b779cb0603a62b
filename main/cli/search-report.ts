import { ProblemError } from '#contract/problem.ts';
import type { RunSummary } from '#contract/run.ts';
import type { Context } from './command.ts';
import { follow, type Following } from './run-report.ts';

/** Follows an experiment that proposes more runs as results come in, until its search is over or the command is interrupted. */
export async function followSearch(
  context: Context,
  experimentId: string,
  first: readonly string[],
  following: Following,
): Promise<readonly RunSummary[]> {
  const ids = [...first];
  for (let fresh: readonly string[] = first; fresh.length > 0 && !following.interruption.aborted;) {
    await follow(context, await context.link({ resume: true }), fresh, following);
    fresh = following.interruption.aborted ? [] : await newRuns(context, experimentId, ids);
    ids.push(...fresh);
  }
  const link = await context.link({ resume: true });
  return (await link.call('runs.summaries', { ids })).runs;
}

/** Runs that the search has started besides the known ones, waited for; none once it is over, or waits for a paused run. */
async function newRuns(context: Context, experimentId: string, known: readonly string[]): Promise<string[]> {
  for (let failures = 0; ;) {
    try {
      const link = await context.link({ resume: true });
      for await (const _queue of link.stream('queue.watch', {})) {
        const { summary } = await link.call('experiments.get', { id: experimentId });
        failures = 0;
        const fresh = summary.matrix.cells.flatMap(({ runId }) => (runId === undefined || known.includes(runId) ? [] : [runId]));
        if (fresh.length > 0) return fresh;
        const { search, running, waiting, matrix } = summary;
        if (search !== undefined) context.progress(`${search.proposed} of ${search.trials} trials, ${search.halted} ended early`);
        const isHeldUp = running + waiting === 0 && matrix.cells.some(({ state }) => state === 'paused');
        if (search === undefined || search.isOver || isHeldUp) return [];
      }
      return [];
    } catch (error) {
      failures += 1;
      // Another process may be taking the folder over.
      if (!(error instanceof ProblemError) || error.problem.code !== 'link.closed' || failures > 3) throw error;
    }
  }
}
