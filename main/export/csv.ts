import { csvText } from '#contract/csv-text.ts';
import type { Finding } from '#contract/significance.ts';
import type { TextFormat } from './format.ts';
import { rowCells } from './format.ts';

/** RFC 4180, UTF-8, dot decimals, 17 significant digits (they restore the double exactly). Text that a spreadsheet would run is escaped. */
export const csv: TextFormat = {
  id: 'csv',
  extension: 'csv',
  needs: () => [],
  write(table, options) {
    const tested = options.stars && table.stars !== undefined;
    const header = ['model', 'settings'];
    for (const group of table.groups) {
      for (const metric of table.metrics) {
        const column = `${group.dataset}/${table.part}/${metric.key}`;
        header.push(`${column}/mean`, `${column}/sd`, `${column}/n`);
        if (tested) header.push(...findingColumns.map((name) => `${column}/${name}`));
      }
    }
    const lines = [header.map(csvText).join(',')];
    for (const [index, row] of table.rows.entries()) {
      const fields = [csvText(row.model), csvText(row.differences)];
      for (const cell of rowCells(table, index)) {
        fields.push(csvNumber(cell.mean), csvNumber(cell.sd), String(cell.n));
        if (tested) fields.push(...findingFields(cell.finding));
      }
      lines.push(fields.join(','));
    }
    return `${lines.join('\r\n')}\r\n`;
  },
};

/** What the test against the baseline found: raw and adjusted p beside difference, interval and effect. */
const findingColumns = ['difference', 'low', 'high', 'p', 'adjusted_p', 'effect', 'effect_name', 'pairs', 'test', 'verdict'] as const;

function findingFields(finding: Finding | undefined): string[] {
  if (finding === undefined) return findingColumns.map(() => '');
  const { difference, interval, p, adjusted, effect, effectName, n, method, verdict } = finding;
  const numbers = [difference, interval?.[0], interval?.[1], p, adjusted, effect].map(csvNumber);
  return [...numbers, effectName, String(n), csvText(method), verdict];
}

/** A number with all its digits; empty where there is none. */
export function csvNumber(value: number | undefined): string {
  return value === undefined ? '' : precise(value);
}

function precise(value: number): string {
  const shortest = String(value);
  return Number(shortest) === value ? shortest : value.toPrecision(17);
}
