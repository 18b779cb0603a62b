import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Router } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { ExportOptions, Table } from '#contract/table.ts';
import type { ExportFormat } from '#export/format.ts';
import { formats } from '#export/formats.ts';
import type { ComparisonSource } from './compared-run.ts';
import { withStars, type StatisticsNeeds } from './statistics.ts';
import { buildTable } from './table.ts';
import type { ParsedTableRequest } from './table-layout.ts';

/** Procedures `exports.*`. Masked test cells stay masked: exports go through the same table as the screen. */
export function exportProcedures(
  source: ComparisonSource,
  needs: StatisticsNeeds,
): Pick<Router, 'exports.preview' | 'exports.file' | 'exports.save'> {
  const tableOf = (request: ParsedTableRequest) => withStars(needs, buildTable(source, request), request);
  return {
    'exports.preview': async ({ table: request, options }) => {
      const table = await tableOf(request);
      const format: ExportFormat = formats[options.format];
      return {
        table,
        ...(format.isBinary === true ? {} : { source: format.write(table, options) }),
        fileName: fileName(table, options),
        needs: [...format.needs(table, options)],
      };
    },
    'exports.file': async ({ table: request, options }) => {
      const table = await tableOf(request);
      return { fileName: fileName(table, options), content: await contentOf(table, options) };
    },
    'exports.save': async ({ request, path }) => {
      const table = await tableOf(request.table);
      const content = await contentOf(table, request.options);
      await writeAtomically(path, content);
      return { path, bytes: content.byteLength };
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

/** A title as the name of a file, without its extension. */
export function baseName(title: string): string {
  const base = title
    .normalize('NFKD')
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 60);
  return base === '' ? 'table' : base;
}

async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.avocet-${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError({
      kind: 'disk',
      code: 'export.write',
      message: `The file could not be written: ${reason}`,
      where: path,
      fix: 'Choose a folder that exists and can be written, with free space',
    });
  }
}
