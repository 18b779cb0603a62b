import { baseName } from '#contract/file-name.ts';
import type { Router } from '#contract/link.ts';
import type { ExportOptions, Table } from '#contract/table.ts';
import type { ExportFormat } from '#export/format.ts';
import { formats } from '#export/formats.ts';
import { fitOf } from '#export/latex-layout.ts';
import type { PreferenceTable } from '#store/preferences.ts';
import type { Jobs } from './jobs.ts';
import { SavedExports } from './saved-exports.ts';
import { tableOf, type StatisticsNeeds } from './statistics.ts';
import { codeVersion } from './version.ts';
import { writeAtomically } from './write-atomically.ts';
import type { ParsedTableRequest } from './table-layout.ts';

/** Procedures `exports.*`. Masked test cells stay masked: exports go through the same table as the screen. */
export function exportProcedures(
  needs: StatisticsNeeds,
  { preferences, jobs }: { readonly preferences: PreferenceTable; readonly jobs: Jobs },
): Pick<Router, Extract<keyof Router, `exports.${string}`>> {
  const madeTable = async (request: ParsedTableRequest): Promise<Table> => ({
    ...(await tableOf(needs, request)),
    made: { on: new Date().toISOString().slice(0, 10), version: codeVersion },
  });
  const write = async (table: Table, options: ExportOptions, path: string): Promise<number> => {
    const content = await contentOf(table, options);
    await writeAtomically(path, content);
    return content.byteLength;
  };
  const saved = new SavedExports({ preferences, table: madeTable, write });
  return {
    'exports.preview': async ({ table: request, options }) => {
      const table = await madeTable(request);
      const format: ExportFormat = formats[options.format];
      return {
        table,
        ...(format.isBinary === true ? {} : { source: format.write(table, options) }),
        fileName: fileName(table, options),
        needs: [...format.needs(table, options)],
        ...(options.format === 'latex' ? { fit: fitOf(table, options) } : {}),
      };
    },
    'exports.file': ({ table: request, options }) =>
      jobs.exporting(async () => {
        const table = await madeTable(request);
        return { fileName: fileName(table, options), content: await contentOf(table, options) };
      }),
    'exports.figure': ({ path, content, figure }) =>
      jobs.exporting(async () => {
        await writeAtomically(path, content);
        saved.rememberFigure(figure, path, Date.now());
        return { path, bytes: content.byteLength };
      }),
    'exports.save': ({ request, path }) =>
      jobs.exporting(async () => {
        const table = await madeTable(request.table);
        const bytes = await write(table, request.options, path);
        saved.remember(request, path, table, Date.now());
        return { path, bytes };
      }),
    'exports.saved': async () => ({ exports: await saved.list() }),
    'exports.writeChanged': () => jobs.exporting(() => saved.writeChanged(Date.now())),
    'exports.forget': ({ ids }) => {
      saved.forget(ids);
      return { ok: true };
    },
  };
}

async function contentOf(table: Table, options: ExportOptions): Promise<Uint8Array<ArrayBuffer>> {
  const format: ExportFormat = formats[options.format];
  return format.isBinary === true ? format.write(table, options) : Buffer.from(format.write(table, options), 'utf8');
}

/** "Six models, three datasets" as "six-models-three-datasets.tex". */
export function fileName(table: Table, options: ExportOptions): string {
  return `${baseName(table.title)}.${formats[options.format].extension}`;
}
