import { parquetWriteBuffer } from 'hyparquet-writer';
import { tableColumns, type Table, type TableCell } from '#contract/table.ts';
import type { BinaryFormat } from './format.ts';
import { captionText } from '#contract/table-words.ts';
import { findingColumns } from './findings.ts';
import { reportedRows, rowCells } from './format.ts';

interface Entry {
  readonly row: Pick<Table['rows'][number], 'model' | 'title' | 'differences' | 'inferred'>;
  /** Of a reported row. */
  readonly source?: string;
  readonly cell: Pick<TableCell, 'mean' | 'sd' | 'n' | 'mark' | 'missing' | 'finding'>;
  readonly group: Table['groups'][number];
  readonly metric: Table['metrics'][number];
}

/**
 * One row for every model × dataset × metric, typed; a cell without a value is null and says why. Tests against a baseline stand in columns
 * beside the values, null where none was made; rows of papers name their source. The file's metadata has what makes the values comparable:
 * part, splits, caption, how was tested and selected. Fewer readers know other codecs, so that columns are packed with snappy.
 */
export const parquet: BinaryFormat = {
  id: 'parquet',
  extension: 'parquet',
  isBinary: true,
  needs: () => [],
  write(table, options) {
    const columns = tableColumns(table);
    const records: Entry[] = [
      ...table.rows.flatMap((row, index) => rowCells(table, index).map((cell, at) => ({ row, cell, ...columns[at]! }))),
      ...reportedRows(table, options).flatMap(({ model, title, note, citation, values }) =>
        values.flatMap((value, at) =>
          value === null
            ? []
            : [
                {
                  row: { model, title, differences: note, inferred: false },
                  source: citation,
                  cell: { mean: value, n: 0 },
                  ...columns[at]!,
                },
              ],
        ),
      ),
    ];
    const isTested = options.stars && table.stars !== undefined;
    const text = (name: string, of: (entry: Entry) => string | undefined) => ({
      name,
      type: 'STRING' as const,
      data: records.map((entry) => of(entry) ?? null),
    });
    const number = (name: string, of: (entry: Entry) => number | undefined) => ({
      name,
      type: 'DOUBLE' as const,
      data: records.map((entry) => of(entry) ?? null),
    });
    const columnData = [
      text('model', ({ row }) => row.model),
      text('title', ({ row }) => row.title),
      text('settings', ({ row }) => row.differences),
      { name: 'inferred', type: 'BOOLEAN' as const, data: records.map(({ row }) => row.inferred) },
      text('source', ({ source }) => source),
      text('dataset', ({ group }) => group.dataset),
      text('split', ({ group }) => group.split),
      ...(table.groups.some(({ segment }) => segment !== undefined)
        ? [text('segment_of', ({ group }) => group.segment?.of), text('segment', ({ group }) => group.segment?.label)]
        : []),
      text('part', () => table.part),
      text('metric', ({ metric }) => metric.key),
      text('better', ({ metric }) => metric.better),
      number('mean', ({ cell }) => cell.mean),
      number('sd', ({ cell }) => cell.sd),
      { name: 'n', type: 'INT32' as const, data: records.map(({ cell }) => cell.n) },
      text('mark', ({ cell }) => cell.mark),
      text('missing', ({ cell }) => cell.missing),
      ...(isTested
        ? findingColumns.map(({ name, of, isNumber }) => {
            const value = ({ cell }: Entry) => (cell.finding === undefined ? undefined : of(cell.finding));
            return isNumber
              ? number(name, (entry) => value(entry) as number | undefined)
              : text(name, (entry) => value(entry) as string | undefined);
          })
        : []),
    ];
    const facts = {
      title: table.title,
      // Marks stand in a column of their own.
      caption: captionText(table, { ...options, best: false, second: false }),
      part: table.part,
      frozen: String(table.frozen),
      splits: JSON.stringify(Object.fromEntries(table.groups.map(({ dataset, split }) => [dataset, split]))),
      fingerprints: JSON.stringify(
        Object.fromEntries(table.groups.map(({ dataset, split, splitHash = split, protocolId }) => [dataset, { splitHash, protocolId }])),
      ),
      ...(table.protocols === undefined ? {} : { protocols: JSON.stringify(table.protocols) }),
      comparable: JSON.stringify(table.comparable),
      notes: JSON.stringify(table.notes),
      ...(isTested ? { stars: JSON.stringify(table.stars), baseline: table.baseline ?? '' } : {}),
      ...(table.gains === undefined ? {} : { gains: JSON.stringify(table.gains) }),
      ...(table.selections === undefined ? {} : { selections: JSON.stringify(table.selections) }),
      ...(table.made === undefined ? {} : { made: JSON.stringify(table.made) }),
    };
    const kvMetadata = Object.entries(facts).map(([key, value]) => ({ key: `avocet.${key}`, value }));
    return Promise.resolve(new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'Avocet' })));
  },
};
