import type { ExportOptions } from '#contract/table.ts';
import { csv } from './csv.ts';
import type { ExportFormat } from './format.ts';
import { json } from './json.ts';
import { latex } from './latex.ts';
import { markdown } from './markdown.ts';

/** Every format the studio writes. */
export const formats: Readonly<Record<ExportOptions['format'], ExportFormat>> = { csv, latex, markdown, json };
