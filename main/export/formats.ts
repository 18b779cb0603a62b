import type { ExportOptions } from '#contract/table.ts';
import { csv } from './csv.ts';
import type { ExportFormat } from './format.ts';
import { json } from './json.ts';
import { latex } from './latex.ts';
import { markdown } from './markdown.ts';
import { parquet } from './parquet.ts';
import { xlsx } from './xlsx.ts';

/** Every format the studio writes. */
export const formats = { csv, latex, markdown, json, xlsx, parquet } satisfies Readonly<Record<ExportOptions['format'], ExportFormat>>;
