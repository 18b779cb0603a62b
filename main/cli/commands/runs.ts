import type { RunsQuery } from '#contract/view.ts';
import { texts, UsageError, whole, type Command } from '../command.ts';
import { report } from '../run-report.ts';
import { columns, duration } from '../words.ts';

type Where = NonNullable<RunsQuery['where']>[number];

const listFields = { state: 'states', dataset: 'datasets', model: 'models', experiment: 'experiments', tag: 'tags' } as const;

export const runs: Command = {
  name: 'runs',
  summary: 'past and present runs, newest first',
  usage: '[--filter EXPRESSION]… [--limit N]',
  positionals: { least: 0, most: 0 },
  options: {
    filter: { type: 'string', multiple: true, value: 'EXPRESSION', help: 'model=egra, state=finished, val.recall@20>0.1, ii_k=10, or a word to search' },
    limit: { type: 'string', value: 'N', help: 'at most this many (default 1000)' },
  },
  async run(context) {
    const query = parseFilters(texts(context.values, 'filter'));
    const limit = whole(context.values, 'limit', 1) ?? 1000;
    const link = await context.link({ resume: false });
    const page = await link.call('runs.page', { ...query, collapse: false, limit: Math.min(limit, 1000) });
    const all = page.rows.flatMap((row) => row.runs);
    const rows = all.map((run) => [
      run.id,
      run.state,
      run.modelTitle,
      run.datasetName,
      String(run.seed),
      run.differences.map((entry) => `${entry.key}=${entry.value}`).join(' '),
      run.validation?.['recall@20']?.toFixed(4) ?? '',
      run.bestEpoch === undefined ? '' : `${run.bestEpoch} of ${run.epochs}`,
      duration(run.elapsedSeconds),
      run.experimentName,
    ]);
    for (const line of columns(['id', 'state', 'model', 'dataset', 'seed', 'settings', 'val. R@20', 'best', 'time', 'experiment'], rows)) context.print(line);
    if (page.totalRuns > all.length) context.note(`${all.length} of ${page.totalRuns} runs shown; --limit shows more`);
    return { json: { runs: all.map((run) => ({ ...report(run), experimentName: run.experimentName, differences: run.differences, tags: run.tags, createdAt: run.createdAt })), total: page.totalRuns } };
  },
};

/** Filter expressions as a query: FIELD OPERATOR VALUE, or words to search. */
export function parseFilters(expressions: readonly string[]): RunsQuery {
  const query: { states: string[]; datasets: string[]; models: string[]; experiments: string[]; tags: string[]; where: Where[]; search: string[]; starred: boolean; trashed: boolean } = {
    states: [],
    datasets: [],
    models: [],
    experiments: [],
    tags: [],
    where: [],
    search: [],
    starred: false,
    trashed: false,
  };
  for (const expression of expressions.flatMap((entry) => entry.split(/\s+and\s+|,(?=[a-z_.@0-9]+[=<>!])/i))) {
    const match = /^\s*([A-Za-z_][\w.@-]*)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*$/.exec(expression);
    if (match === null) {
      if (expression.trim() === 'starred') query.starred = true;
      else if (expression.trim() === 'trashed') query.trashed = true;
      else query.search.push(expression.trim());
      continue;
    }
    const [, field = '', sign = '', value = ''] = match;
    if (value === '') throw new UsageError(`--filter "${expression}" has no value`);
    if (sign === '=' && Object.hasOwn(listFields, field)) query[listFields[field as keyof typeof listFields]].push(value);
    else {
      const operator = sign === '~' ? 'contains' : (sign as Where['operator']);
      query.where.push({ field, operator, value: value !== '' && Number.isFinite(Number(value)) ? Number(value) : value });
    }
  }
  return { ...query, search: query.search.join(' ') } as RunsQuery;
}
