import { ProblemError } from '#contract/problem.ts';
import type { RunSummary } from '#contract/run.ts';
import type { Command } from '../command.ts';
import { follow, outcome } from '../run-report.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'continues a paused, stopped, failed or interrupted run from its last checkpoint',
  usage: 'RUN…',
  positionals: { least: 1, most: 1000 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: true });
    const ids = [...context.positionals];
    const { runs } = await link.call('runs.summaries', { ids });
    const unknown = ids.filter((id) => !runs.some((run) => run.id === id));
    if (unknown.length > 0)
      throw new ProblemError({
        kind: 'config',
        code: 'run.unknown',
        message: `There is no run ${unknown.join(', ')}`,
        fix: 'The list of runs has the ids: avocet runs.',
      });
    const isAtWork = (run: RunSummary) => ['preparing', 'running'].includes(run.state) || (run.state === 'queued' && run.held !== true);
    const waiting = runs.filter((run) => !isAtWork(run) && run.state !== 'finished').map((run) => run.id);
    const interruption = context.interruptible();
    if (waiting.length > 0) await link.call('runs.resume', { ids: waiting });
    return outcome(context, await follow(context, link, ids, { interruption, isOwn: () => true }));
  },
};
