import type { ExperimentRequest } from '#contract/experiment.ts';
import type { Link } from '#contract/link.ts';
import type { RunSummary } from '#contract/run.ts';
import { threadsRemark } from '#studio/threads.ts';
import type { Context } from './command.ts';
import { follow } from './run-report.ts';
import { resumeWaiting } from './resume-waiting.ts';
import { followSearch } from './search-report.ts';

export interface Trained {
  readonly experimentId: string;
  readonly known: number;
  readonly runs: readonly RunSummary[];
  readonly isInterrupted: boolean;
}

/** Starts an experiment and follows its runs to their end. Interrupted, it pauses those it started and leaves those it met at work. */
export async function train(context: Context, link: Link, request: ExperimentRequest): Promise<Trained> {
  const remark = threadsRemark(request.device ?? 'wasm', request.threads ?? 1);
  if (remark !== undefined) context.note(remark);
  // From here on an interrupt has something to pause.
  const interruption = context.interruptible();
  const { experimentId, known, runIds } = await link.call('experiments.start', request);
  const waited = await resumeWaiting(link, runIds);
  if (waited > 0) context.note(`${waited} of them had been paused or held and ${waited === 1 ? 'goes' : 'go'} on.`);
  const following = { interruption, isOwn: (run: RunSummary) => run.experimentId === experimentId };
  const runs =
    request.search === undefined
      ? await follow(context, link, runIds, following)
      : await followSearch(context, experimentId, runIds, following);
  return { experimentId, known, runs, isInterrupted: interruption.aborted };
}
