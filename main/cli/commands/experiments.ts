import type { Link } from '#contract/link.ts';
import type { ExperimentSummary } from '#contract/experiment.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Command } from '../command.ts';
import { columns } from '../words.ts';

export const experiments: Command = {
  name: 'experiments',
  summary: 'the experiments with what they hold',
  usage: '',
  positionals: { least: 0, most: 0 },
  options: {},
  async run(context) {
    const link = await context.link({ resume: false });
    const { experiments: all } = await link.call('experiments.list', {});
    const rows = all.map((entry) => [
      entry.id,
      entry.name,
      `${entry.finished} of ${entry.runs}`,
      entry.models.join(', '),
      entry.datasets.join(', '),
      entry.frozenAt !== undefined ? 'frozen' : entry.choosesNothing === true ? 'none to make' : 'open',
    ]);
    for (const line of columns(['id', 'name', 'finished', 'models', 'datasets', 'selection'], rows)) context.print(line);
    return { json: { experiments: all.map(({ matrix: _matrix, ...entry }) => entry) } };
  },
};

/** The experiment of an id, or of a name where only one has it. */
export async function findExperiment(link: Link, given: string): Promise<ExperimentSummary> {
  const { experiments: all } = await link.call('experiments.list', {});
  const byId = all.find((entry) => entry.id === given);
  if (byId !== undefined) return byId;
  const named = all.filter((entry) => entry.name === given);
  if (named.length === 1) return named[0]!;
  const shown = (entries: readonly ExperimentSummary[]) => entries.map((entry) => `${entry.id} (${entry.name})`).join(', ');
  if (named.length > 1)
    throw new ProblemError({
      kind: 'config',
      code: 'experiment.ambiguous',
      message: `${named.length} experiments are named "${given}"`,
      fix: `Give the id: ${named.map((entry) => entry.id).join(', ')}.`,
    });
  throw new ProblemError({
    kind: 'config',
    code: 'experiment.unknown',
    message: `There is no experiment "${given}"`,
    fix: all.length === 0 ? 'There is none yet: run, sweep and demo make one.' : `Known: ${shown(all)}.`,
  });
}
