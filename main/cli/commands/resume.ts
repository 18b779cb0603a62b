import { UsageError, type Command } from '../command.ts';
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
    if (unknown.length > 0) throw new UsageError(`there is no run ${unknown.join(', ')}; avocet runs lists them`);
    const waiting = runs.filter((run) => !['queued', 'preparing', 'running', 'finished'].includes(run.state)).map((run) => run.id);
    if (waiting.length > 0) await link.call('runs.resume', { ids: waiting });
    return outcome(context, await follow(context, link, ids));
  },
};
