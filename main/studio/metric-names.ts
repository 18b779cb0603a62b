import { metricOf } from '#contract/metrics.ts';
import { ProblemError } from '#contract/problem.ts';
import { cutOffs, metricNames } from '#contract/run.ts';
import type { Table, tableFormulaSchema } from '#contract/table.ts';
import { checkUnits, formulaText } from '#contract/runs-fields.ts';
import { parseFormula } from '#contract/runs-parser.ts';
import type * as v from 'valibot';

/** Label, direction and definition of a metric key such as "recall@20"; an unknown key lists the known ones. */
export function describeMetric(key: string): Table['metrics'][number] {
  const found = metricOf(key);
  if (found !== undefined) return found;
  throw new ProblemError({
    kind: 'config',
    code: 'metric.unknown',
    message: `There is no metric "${key}"`,
    values: { metric: key },
    fix: `Known: ${metricNames.join(', ')}, each at ${cutOffs.join(', ')}, written like recall@20`,
  });
}

/** Whether a column's key is a formula; these begin with an equals sign, as columns of the runs table do. */
export const isFormula = (key: string): boolean => formulaText(key) !== undefined;

/** A formula as a column. @throws ProblemError with the place of what cannot be read */
export function describeFormula({ text, label, better }: v.InferOutput<typeof tableFormulaSchema>): Table['metrics'][number] {
  const written = text.trim().replace(/^=/, '').trim();
  checkUnits(parseFormula(written), written, 'formula');
  const name = label?.trim() ?? '';
  return {
    key: `=${written}`,
    label: name === '' ? written : name,
    short: name === '' ? written : name,
    better,
    definition: `${written}, worked out for each run, then averaged over seeds.`,
  };
}
