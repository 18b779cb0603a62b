/** The fields a runs query may name. A comparison over a field that nobody has would match nothing and look like an answer. */
import type { ModelCard } from '#contract/model-card.ts';
import { ProblemError } from '#contract/problem.ts';
import { budgetSchema, cutOffs, metricKeys, metricNames } from '#contract/run.ts';
import { fieldsOf, measuredOf, metricKeyOf } from '#contract/runs-expression.ts';
import { checkConditionUnits, checkUnits, fieldName, formulaText, ownField, runFields } from '#contract/runs-fields.ts';
import { parseCondition, parseFormula } from '#contract/runs-parser.ts';
import type { ParsedRunsQuery } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';
import { nearest } from './nearest.ts';

/** Settings of every run, whatever its model. */
const common = ['protocol', 'candidates', 'validation', 'itemGraph', 'preset', ...Object.keys(budgetSchema.entries)];

interface Named {
  readonly name: string;
  /** "filter, character 12". */
  readonly where?: string;
}

/** @throws ProblemError runs.filter, runs.formula or runs.unknown-field: with the place, the nearest and the known ones */
export function checkFields(
  query: Pick<ParsedRunsQuery, 'where' | 'sort' | 'filter' | 'columns' | 'group'>,
  store: Pick<Store, 'settings' | 'measured'>,
  cards: readonly ModelCard[],
): void {
  const named: Named[] = [...inFilter(query.filter), ...query.where.map(({ field }) => ({ name: field }))];
  for (const column of [...query.sort.map(({ field }) => field), ...query.columns, ...query.group]) named.push(...inColumn(column));
  const settings = [...common, ...cards.flatMap((card) => Object.keys(card.hyper))];
  const isKnown = ({ name }: Named) =>
    Object.hasOwn(runFields, fieldName(name)) || isMetric(name) || isMeasured(name) || ownField.test(name) || settings.includes(name);
  const isMeasured = (name: string) => {
    const measured = measuredOf(name);
    if (measured === undefined) return false;
    const { part, key } = measured;
    return store.measured(part === 'log' || part === 'test' ? part : 'validation', key);
  };
  const unknown = named.find((field) => !isKnown(field));
  // Asked only now: settings of runs whose model has changed since are rare.
  if (unknown === undefined || store.settings().includes(unknown.name)) return;
  const metrics = metricKeys.map((key) => `val.${key}`);
  const known = [...new Set([...Object.keys(runFields), ...settings])];
  const near = meant(unknown.name) ?? nearest(unknown.name, [...known, ...metrics]);
  throw new ProblemError({
    kind: 'config',
    code: 'runs.unknown-field',
    message: `Runs have no field ${unknown.name}`,
    ...(unknown.where === undefined ? {} : { where: unknown.where }),
    values: { found: unknown.name, ...(near === undefined ? {} : { nearest: near }) },
    fix: `${near === undefined ? '' : `Did you mean ${near}? `}Known: ${[...new Set([...Object.keys(runFields), ...common])].join(', ')}, the settings of models, such as n_layers, and val. or test. with ${metricNames.join(', ')} at ${cutOffs.join(', ')}, such as val.recall@20.`,
  });
}

const shortMetrics: Readonly<Record<string, string>> = { r: 'recall', n: 'ndcg', p: 'precision', m: 'map' };
const otherNames: Readonly<Record<string, string>> = { lr: 'learningRate', duration: 'elapsedSeconds', memory: 'peakMemoryBytes' };

/** What a person reads on the screen, or writes elsewhere, and calls a field by: "recall@20", "R@20", "Time". */
function meant(name: string): string | undefined {
  const text = name.toLowerCase();
  const [, given = '', k = ''] = /^(?:(?:val|valid|validation)\.)?([a-z]+)@(\d+)$/.exec(text) ?? [];
  const metric = `val.${shortMetrics[given] ?? given}@${k}`;
  if (isMetric(metric)) return metric;
  // A name such as "constructor" is no name here, though every object answers to it.
  if (Object.hasOwn(otherNames, text)) return otherNames[text];
  return Object.entries(runFields).find(([, { label }]) => label.toLowerCase() === text)?.[0];
}

function inFilter(text: string): Named[] {
  const condition = parseCondition(text);
  if (condition === undefined) return [];
  checkConditionUnits(condition, text);
  return fieldsOf(condition).map(({ name, at }) => ({ name, where: `filter, character ${at + 1}` }));
}

function inColumn(column: string): Named[] {
  const text = formulaText(column);
  if (text === undefined) return [{ name: column }];
  const formula = parseFormula(text);
  checkUnits(formula, text, 'formula');
  return fieldsOf(formula).map(({ name, at }) => ({ name, where: `formula, character ${at + 1}` }));
}

const isMetric = (field: string): boolean => metricKeys.includes(metricKeyOf(field) ?? '');
