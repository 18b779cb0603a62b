import type { TextFormat } from './format.ts';

/** `{ "table": … }`: the whole table with its facts, full precision, stable key order. The command line's --json prints the same. */
export const json: TextFormat = {
  id: 'json',
  extension: 'json',
  needs: () => [],
  write: (table) => `${JSON.stringify({ table }, null, 2)}\n`,
};
