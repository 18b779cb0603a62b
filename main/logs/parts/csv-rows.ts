/** Rows of a CSV or TSV file (RFC 4180): quoted fields may hold separators, quotes and line ends. */
import { damaged } from './damaged.ts';

const fix = 'Export the file again from where it came.';

export interface CsvTable {
  readonly columns: readonly string[];
  /** Each with the line it begins at, from 1. */
  readonly rows: readonly { readonly line: number; readonly fields: readonly string[] }[];
}

/** @throws ProblemError logs.damaged with file:line where a quote has no end or a row has more fields than there are columns */
export function csvRows(text: string, path: string, separator = ','): CsvTable {
  const rows: { line: number; fields: string[] }[] = [];
  let [at, line] = [text.startsWith('\ufeff') ? 1 : 0, 1];
  while (at < text.length) {
    const row = { line, fields: [] as string[] };
    for (let isOpen = true; isOpen;) {
      let field = '';
      if (text[at] === '"') {
        for (at += 1; ; at++) {
          if (at >= text.length) throw damaged(`${path}:${row.line}`, 'A quoted field has no end', fix);
          if (text[at] === '"' && text[at + 1] === '"') at++;
          else if (text[at] === '"') break;
          if (text[at] === '\n') line += 1;
          field += text[at];
        }
        at += 1;
      }
      while (at < text.length && text[at] !== separator && text[at] !== '\n') field += text[at++];
      row.fields.push(field.endsWith('\r') ? field.slice(0, -1) : field);
      isOpen = text[at] === separator;
      at += 1;
    }
    line += 1;
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row);
  }
  const [head, ...body] = rows;
  const columns = head?.fields ?? [];
  const long = body.find(({ fields }) => fields.length > columns.length);
  if (long !== undefined)
    throw damaged(`${path}:${long.line}`, `The row has ${long.fields.length} fields, the header ${columns.length}`, fix);
  return { columns, rows: body };
}

/** The names of the first line alone, for recognising a file by its beginning. */
export function headerOf(head: string, separator = ','): readonly string[] {
  try {
    return csvRows(head.slice(0, head.search(/\r?\n|$/)), '', separator).columns;
  } catch {
    return [];
  }
}

/** A finite number; undefined for an empty field and for everything that is none. */
export function numberIn(field: string | undefined): number | undefined {
  const word = field?.trim() ?? '';
  const number = Number(word);
  return word === '' || !Number.isFinite(number) ? undefined : number;
}
