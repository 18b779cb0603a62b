/** Column names (snake_case) and field names (camelCase), mapped here and nowhere else. */
const toField = new Map<string, string>();
const toColumn = new Map<string, string>();

export function fieldName(column: string): string {
  let field = toField.get(column);
  if (field === undefined) {
    field = column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    toField.set(column, field);
  }
  return field;
}

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

/** A row with camelCase fields. Drivers differ in two ways that end here: extra `_metadata`, and blobs as ArrayBuffer. */
export function fromRow(row: object): Record<string, Stored> {
  const fields: Record<string, Stored> = {};
  for (const [column, value] of Object.entries(row) as [string, unknown][]) {
    if (column === '_metadata') continue;
    fields[fieldName(column)] = value instanceof ArrayBuffer ? new Uint8Array(value) : (value as Stored);
  }
  return fields;
}

/** A value as the drivers bind it. */
export function toBound(value: Bindable): Stored {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value;
}
