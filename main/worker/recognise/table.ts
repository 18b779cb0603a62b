/** Tables of text: logs of interactions, ranked lists, printed values. */
import { basename } from 'node:path';
import type { Layout } from '#contract/opening.ts';
import { ProblemError } from '#contract/problem.ts';
import { previewLog } from '#data/log-inspect.ts';
import { detectTable } from '#data/table-reader.ts';
import { unknown } from './unknown.ts';

const typed = /:(?:token|float|token_seq|float_seq)$/;

const previewOf = async (path: string) => previewLog(path, await detectTable(path));

/** True for an atomic file of RecBole. */
export async function hasTypedColumns(path: string): Promise<boolean> {
  const preview = await previewOf(path).catch(() => undefined);
  return preview !== undefined && preview.columns.length > 1 && preview.columns.every((column) => typed.test(column));
}

/** One layout, or two where a table without names of columns may be either. @throws ProblemError open.unknown */
export async function layoutsOfTable(path: string): Promise<readonly Layout[]> {
  const log: Layout = { kind: 'dataset', path, layout: 'log' };
  const lists: Layout = { kind: 'external', form: 'lists', files: [{ role: 'lists', path }] };
  let preview;
  try {
    preview = await previewOf(path);
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code.startsWith('table.'))
      throw unknown({ where: path, found: error.problem.message.replace(/\.$/, '') });
    throw error;
  }
  const { columns, rows, format } = preview;
  const names = columns.map((column) => column.toLowerCase());
  if (['model', 'dataset', 'metric', 'value'].every((name) => names.includes(name))) return [{ kind: 'reported', path }];
  if (columns.length < 2) throw unknown({ where: path, found: `text in one column (${basename(path)})` });
  if (format.kind === 'json-lines') return names.some((name) => /user|reviewer/.test(name)) ? [log] : [refused(path, columns)];
  if (format.header) {
    if (columns.length === 3 && /^scores?$|^prediction$/.test(names[2]!) && names.some((name) => /^u/.test(name))) return [lists];
    return names.some((name) => /user|uid|reviewer/.test(name)) ? [log] : [refused(path, columns)];
  }
  // Without names of columns: scores fall within each user's rows, ratings seldom do so over whole lists.
  return columns.length === 3 && fallsWithinUsers(rows) ? [lists, log] : columns.length === 3 && hasFractions(rows) ? [log, lists] : [log];
}

function refused(path: string, columns: readonly string[]): never {
  throw unknown({ where: path, found: `a table without a column of users (${columns.slice(0, 6).join(', ')})` });
}

/** Third column: not a whole number, so hardly a rating or a time. */
const hasFractions = (rows: readonly (readonly string[])[]) => rows.some(([, , score]) => !Number.isInteger(Number(score)));

function fallsWithinUsers(rows: readonly (readonly string[])[]): boolean {
  let pairs = 0;
  for (let at = 1; at < rows.length; at++) {
    const [before, now] = [rows[at - 1]!, rows[at]!];
    if (before[0] !== now[0]) continue;
    if (!(Number(now[2]) <= Number(before[2]))) return false;
    pairs += 1;
  }
  return pairs >= 10 && hasFractions(rows);
}
