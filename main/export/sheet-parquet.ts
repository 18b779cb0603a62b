import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Sheet, SheetColumn, SheetValue } from './sheet.ts';

/**
 * Typed columns: numbers as DOUBLE, moments as TIMESTAMP, words as STRING, and a column of both as STRING with all digits. Null where there is
 * nothing. The facts are the file's metadata. Fewer readers know other codecs, so that columns are packed with snappy.
 */
export async function sheetParquet({ columns, portions, facts }: Sheet): Promise<Uint8Array<ArrayBuffer>> {
  const values: SheetValue[][] = columns.map(() => []);
  for await (const rows of portions) for (const row of rows) for (const [at, value] of row.entries()) values[at]!.push(value);
  const columnData = columns.map((column, at) => typed(column, values[at]!));
  const kvMetadata = facts.map(([key, value]) => ({ key: `avocet.${key}`, value }));
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'Avocet' }));
}

function typed({ key, kind }: SheetColumn, values: readonly SheetValue[]) {
  const isNumeric = kind !== 'text' && values.every((value) => typeof value !== 'string') && values.some((value) => value !== undefined);
  if (!isNumeric && kind !== 'number' && kind !== 'time')
    return { name: key, type: 'STRING' as const, data: values.map((value) => (value === undefined ? null : String(value))) };
  const numbers = values.map((value) => (typeof value === 'number' ? value : undefined));
  return kind === 'time'
    ? { name: key, type: 'TIMESTAMP' as const, data: numbers.map((value) => (value === undefined ? null : new Date(value))) }
    : { name: key, type: 'DOUBLE' as const, data: numbers.map((value) => value ?? null) };
}
