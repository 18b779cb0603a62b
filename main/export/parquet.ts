import { parquetWriteBuffer } from 'hyparquet-writer';
import type { BinaryFormat } from './format.ts';
import { rowCells } from './format.ts';

/**
 * One row for every model × dataset × metric, typed; a cell without a value is null and says why. The file's metadata has what makes the values
 * comparable: part, splits, caption. Fewer readers know other codecs, so that columns are packed with snappy.
 */
export const parquet: BinaryFormat = {
  id: 'parquet',
  extension: 'parquet',
  isBinary: true,
  needs: () => [],
  write(table) {
    const records = table.rows.flatMap((row, index) =>
      rowCells(table, index).map((cell, at) => {
        const group = table.groups[Math.floor(at / table.metrics.length)]!;
        return { row, cell, group, metric: table.metrics[at % table.metrics.length]! };
      }),
    );
    type Entry = (typeof records)[number];
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
      text('dataset', ({ group }) => group.dataset),
      text('split', ({ group }) => group.split),
      text('part', () => table.part),
      text('metric', ({ metric }) => metric.key),
      number('mean', ({ cell }) => cell.mean),
      number('sd', ({ cell }) => cell.sd),
      { name: 'n', type: 'INT32' as const, data: records.map(({ cell }) => cell.n) },
      text('mark', ({ cell }) => cell.mark),
      text('missing', ({ cell }) => cell.missing),
    ];
    const facts = {
      title: table.title,
      caption: table.caption,
      part: table.part,
      frozen: String(table.frozen),
      splits: JSON.stringify(Object.fromEntries(table.groups.map(({ dataset, split }) => [dataset, split]))),
      comparable: JSON.stringify(table.comparable),
      notes: JSON.stringify(table.notes),
    };
    const kvMetadata = Object.entries(facts).map(([key, value]) => ({ key: `avocet.${key}`, value }));
    return Promise.resolve(new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'Avocet' })));
  },
};
