import { ProblemError } from './problem.ts';
import { runStates } from './run.ts';
import type { RunsQuery } from './view.ts';

/**
 * The filter language of the runs table, the same in the window and on the command line: comparisons joined by `and`,
 * words searched as they are. `model = egra and state != failed and val.recall@20 >= 0.1 and ii_k = 10 and cold start`.
 */
type Where = NonNullable<RunsQuery['where']>[number];

const lists = { state: 'states', status: 'states', dataset: 'datasets', model: 'models', experiment: 'experiments', tag: 'tags' } as const;

/** What a filter text asks for, as part of a query. @throws ProblemError (config) with the position of what cannot be read. */
export function parseRunsFilter(text: string): RunsQuery {
  const query = {
    states: [] as string[],
    datasets: [] as string[],
    models: [] as string[],
    experiments: [] as string[],
    tags: [] as string[],
    where: [] as Where[],
    starred: false,
    trashed: false,
  };
  const words: string[] = [];
  let offset = 0;
  for (const part of text.split(/(\s+and\s+)/i)) {
    const start = offset;
    offset += part.length;
    const clause = part.trim();
    if (clause === '' || /^and$/i.test(clause)) continue;
    const match = /^([A-Za-z_][\w.@/-]*)\s*(!=|<=|>=|=|<|>|~|\bin\b)\s*(.*)$/.exec(clause);
    if (match === null) {
      if (clause === 'starred') query.starred = true;
      else if (clause === 'trashed') query.trashed = true;
      else words.push(clause);
      continue;
    }
    const [, field = '', sign = '', rest = ''] = match;
    if (rest === '') throw unreadable(text, start, `"${field} ${sign}" has no value`, 'Write a value after it, such as 0.1 or egra');
    const values =
      sign === 'in'
        ? rest
            .replace(/^\(|\)$/g, '')
            .split(',')
            .map((value) => unquoted(value))
        : [unquoted(rest)];
    if ((sign === '=' || sign === 'in') && Object.hasOwn(lists, field)) {
      const strange = lists[field as keyof typeof lists] === 'states' ? values.find((value) => !isState(value)) : undefined;
      if (strange !== undefined) throw unreadable(text, start, `"${strange}" is no state of a run`, `Known: ${runStates.join(', ')}`);
      query[lists[field as keyof typeof lists]].push(...values);
      continue;
    }
    if (sign === 'in')
      throw unreadable(text, start, `"in" works with ${Object.keys(lists).join(', ')}, not with ${field}`, `Write ${field} = value`);
    const [value = ''] = values;
    query.where.push({
      field: field === 'status' ? 'state' : field,
      operator: sign === '~' ? 'contains' : (sign as Where['operator']),
      value: Number.isFinite(Number(value)) ? Number(value) : value,
    });
  }
  return { ...query, search: words.join(' ') } as RunsQuery;
}

function isState(value: string): boolean {
  return (runStates as readonly string[]).includes(value);
}

function unquoted(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, '$2');
}

function unreadable(text: string, position: number, message: string, fix: string): ProblemError {
  return new ProblemError({
    kind: 'config',
    code: 'runs.filter',
    message,
    where: `filter, character ${position + 1}`,
    values: { filter: text, position },
    fix,
  });
}
