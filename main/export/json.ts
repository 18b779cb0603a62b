import type { ExportFormat } from './format.ts';

/** The whole table with its facts, full precision, stable key order. */
export const json: ExportFormat = {
  id: 'json',
  extension: 'json',
  needs: () => [],
  write: (table) => `${JSON.stringify(table, null, 2)}\n`,
};
