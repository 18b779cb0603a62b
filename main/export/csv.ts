import { csvText } from '#contract/csv-text.ts';
import type { Finding } from '#contract/significance.ts';
import { groupKey, tableColumns } from '#contract/table.ts';
import { unitOf } from '#contract/units.ts';
import { tableFacts } from './facts.ts';
import { findingColumns } from './findings.ts';
import type { TextFormat } from './format.ts';
import { baselineTitle, reportedRows, rowCells } from './format.ts';

/**
 * RFC 4180, UTF-8, dot decimals, 17 significant digits (they restore the double exactly). Text that a spreadsheet would run is escaped. Rows of
 * papers name their source in the last column, own rows leave it empty. Facts, where asked for, are lines that begin with # before the header;
 * units a row below it, which says so in its first field.
 */
export const csv: TextFormat = {
  id: 'csv',
  extension: 'csv',
  needs: () => [],
  write(table, options) {
    const tested = options.stars && table.stars !== undefined;
    const header = ['model', 'settings'];
    const units = [unitRow, ''];
    for (const { group, metric } of tableColumns(table)) {
      const column = `${groupKey(group)}/${table.part}/${metric.key}`;
      header.push(`${column}/mean`, `${column}/sd`, `${column}/n`);
      const unit = unitOf(metric.key);
      units.push(unit, unit, '');
      if (!tested) continue;
      header.push(...findingColumns.map(({ name }) => `${column}/${name}`));
      units.push(...findingColumns.map(({ unit: own }) => (own === 'value' ? unit : own)));
    }
    header.push('source');
    units.push('');
    const facts = options.facts
      ? tableFacts(table, { ...options, best: false, second: false }).map(([name, text]) => `# ${oneLine(`${name}: ${text}`)}`)
      : [];
    const lines = [...facts, header.map(csvText).join(','), ...(options.units ? [units.map(csvText).join(',')] : [])];
    const width = 3 + (tested ? findingColumns.length : 0);
    const lone = (value: number | null | undefined) => [csvNumber(value ?? undefined), ...Array<string>(width - 1).fill('')];
    for (const [index, row] of table.rows.entries()) {
      const fields = [csvText(row.model), csvText(row.differences)];
      for (const cell of rowCells(table, index)) {
        fields.push(csvNumber(cell.mean), csvNumber(cell.sd), String(cell.n));
        if (tested) fields.push(...findingFields(cell.finding));
      }
      lines.push([...fields, ''].join(','));
    }
    for (const row of reportedRows(table, options))
      lines.push([csvText(row.model), csvText(row.note), ...row.values.flatMap(lone), csvText(row.citation)].join(','));
    if (options.gain && table.gains !== undefined)
      lines.push(['relative gain', csvText(`best over ${baselineTitle(table)}`), ...table.gains.flatMap(lone), ''].join(','));
    return `${lines.join('\r\n')}\r\n`;
  },
};

/** What a row of units is called in its first field. */
export const unitRow = 'unit';

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ');

function findingFields(finding: Finding | undefined): string[] {
  return findingColumns.map(({ of }) => {
    const value = finding === undefined ? undefined : of(finding);
    return typeof value === 'string' ? csvText(value) : csvNumber(value);
  });
}

/** A number with all its digits (the shortest that read as the same double, as ECMAScript writes them); empty where there is none. */
export function csvNumber(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}
