/** Column names (snake_case) and field names (camelCase), mapped here and nowhere else. */
const toField = new Map<string, string>();
const toColumn = new Map<string, string>();

/** "created_at" as "createdAt". */
export function fieldName(column: string): string {
  let field = toField.get(column);
  if (field === undefined) {
    field = column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    toField.set(column, field);
  }
  return field;
}

/** "createdAt" as "created_at". */
export function columnName(field: string): string {
  let column = toColumn.get(field);
  if (column === undefined) {
    column = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    toColumn.set(field, column);
  }
  return column;
}

/** What SQLite hands back and takes. Blobs are bytes, booleans 0 or 1, absent is null. */
export type Stored = string | number | Uint8Array | null;
export type Bindable = Stored | boolean | undefined;

/**
 * Rows with camelCase fields. Drivers differ in two ways that end here: extra `_metadata`, and blobs as ArrayBuffer. All rows of
 * one answer have the same columns.
 */
export function fromRows(rows: readonly object[]): Record<string, Stored>[] {
  const first = rows[0];
  if (first === undefined) return [];
  const columns = Object.keys(first).filter((column) => column !== '_metadata');
  const fields = columns.map(fieldName);
  return rows.map((row) => {
    const mapped: Record<string, Stored> = {};
    for (let c = 0; c < columns.length; c++) {
      const value = (row as Record<string, unknown>)[columns[c]!];
      mapped[fields[c]!] = value instanceof ArrayBuffer ? new Uint8Array(value) : (value as Stored);
    }
    return mapped;
  });
}

/** A value as the drivers bind it. */
export function toBound(value: Bindable): Stored {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value;
}
