/** The fields a runs query may name. A comparison over a field that nobody has would match nothing and look like an answer. */
import type { ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema, cutOffs, metricNames } from '#contract/run.ts';
import { runFields, type ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';
import { nearest } from './nearest.ts';

/** Settings of every run, whatever its model. */
const common = ['protocol', 'itemGraph', 'preset', ...Object.keys(budgetSchema.entries)];

/** @throws ProblemError runs.unknown-field, naming the field, the nearest and the known ones */
export function checkFields(
  query: Pick<ParsedRunsQuery, 'where' | 'sort'>,
  store: Pick<Store, 'settings'>,
  cards: readonly ModelCard[],
): void {
  const named = [...query.where.map(({ field }) => field), ...query.sort.map(({ field }) => field)];
  const settings = [...common, ...cards.flatMap((card) => Object.keys(card.hyper))];
  const unknown = named.find((field) => !runFields.includes(field) && !isMetric(field) && !settings.includes(field));
  // Asked only now: settings of runs whose model has changed since are rare.
  if (unknown === undefined || store.settings().includes(unknown)) return;
  const metrics = metricNames.flatMap((name) => cutOffs.map((k) => `val.${name}@${k}`));
  const known = [...new Set([...runFields, ...settings])];
  const near = nearest(unknown, [...known, ...metrics]);
  throw new ProblemError({
    kind: 'config',
    code: 'runs.unknown-field',
    message: `Runs have no field ${unknown}`,
    values: { found: unknown, ...(near === undefined ? {} : { nearest: near }) },
    fix: `${near === undefined ? '' : `Did you mean ${near}? `}Known: ${known.join(', ')}, and val. or test. with ${metricNames.join(', ')} at ${cutOffs.join(', ')}, such as val.recall@20.`,
  });
}

function isMetric(field: string): boolean {
  const [, name = '', k = ''] = /^(?:val|test)\.([a-z]+)@(\d+)$/.exec(field) ?? [];
  return (metricNames as readonly string[]).includes(name) && (cutOffs as readonly number[]).includes(Number(k));
}
