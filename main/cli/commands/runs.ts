import { duration } from '#contract/amounts.ts';
import { ProblemError } from '#contract/problem.ts';
import { texts, UsageError, whole, type Command } from '../command.ts';
import { report } from '../run-report.ts';
import { columns } from '../words.ts';

export const runs: Command = {
  name: 'runs',
  summary: 'past and present runs, newest first',
  usage: '[--filter EXPRESSION]… [--limit N]',
  positionals: { least: 0, most: 0 },
  options: {
    filter: {
      type: 'string',
      multiple: true,
      value: 'EXPRESSION',
      help: 'model=egra, state=finished, val.recall@20>0.1, ii_k=10, or a word to search',
    },
    limit: { type: 'string', value: 'N', help: 'at most this many (default 1000)' },
  },
  async run(context) {
    const filters = texts(context.values, 'filter');
    const filter = filters.length > 1 ? filters.map((text) => `(${text})`).join(' and ') : (filters[0] ?? '');
    const limit = whole(context.values, 'limit', 1) ?? 1000;
    const link = await context.link({ resume: false });
    const page = await orWrongUse(() => link.call('runs.page', { filter, collapse: false, limit: Math.min(limit, 1000) }));
    const all = page.rows.flatMap((row) => row.runs);
    const rows = all.map((run) => [
      run.id,
      run.state,
      run.modelTitle,
      run.datasetName,
      run.imported === undefined ? String(run.seed) : '',
      run.differences.map((entry) => `${entry.key}=${entry.value}`).join(' '),
      run.validation?.['recall@20']?.toFixed(4) ?? '',
      run.bestEpoch === undefined ? '' : `${run.bestEpoch} of ${run.epochs}`,
      run.imported !== undefined && run.elapsedSeconds === 0 ? '' : duration(run.elapsedSeconds),
      run.experimentName,
    ]);
    for (const line of columns(['id', 'state', 'model', 'dataset', 'seed', 'settings', 'val. R@20', 'best', 'time', 'experiment'], rows))
      context.print(line);
    if (page.totalRuns > all.length) context.note(`${all.length} of ${page.totalRuns} runs shown; --limit shows more`);
    return {
      json: {
        runs: all.map((run) => ({
          ...report(run),
          experimentName: run.experimentName,
          differences: run.differences,
          tags: run.tags,
          createdAt: run.createdAt,
        })),
        total: page.totalRuns,
      },
    };
  },
};

/** A filter that cannot be read, or that names a field no run has, is wrong use and not a failure of the studio. */
async function orWrongUse<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFilter = error instanceof ProblemError && ['runs.filter', 'runs.unknown-field'].includes(error.problem.code);
    if (isFilter) throw new UsageError(`--filter: ${error.message}. ${error.problem.fix ?? ''}`);
    throw error;
  }
}
