import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import type { Finding, LogFormat, LogPreview } from '#contract/dataset-import.ts';
import { attempt } from './attempt.ts';
import type { ReadOptions } from './file-stream.ts';
import type { IssueLog } from './issue-log.ts';
import { mapColumns } from './log-columns.ts';
import { readLog } from './log-reader.ts';
import { readTable } from './table-reader.ts';
import type { Answers } from './answers.ts';
import { readLogFormat } from './log-format.ts';

const previewRows = 50;

/** Looks at a log file: format, first rows, guessed columns, then counts over the whole file with the guessed mapping. */
export async function inspectLog(
  path: string,
  options: {
    readonly issues: IssueLog;
    readonly answers: Answers;
    readonly emit: (finding: Finding) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { issues, answers, emit, signal } = options;
  const file = basename(path);
  const format = await attempt(issues, () => readLogFormat(path, undefined, answers));
  if (format === undefined) return;
  const preview = await attempt(issues, () => previewLog(path, format, { signal }));
  if (preview === undefined) return;
  const bytes = (await stat(path)).size;
  const kind = format.kind === 'json-lines' ? 'JSON lines' : `text with ${columnWords[format.delimiter]}`;
  emit({
    type: 'recognised',
    layout: preview.preset === 'recbole' ? 'recbole' : 'log',
    name: file,
    text: `Log file, ${kind}${format.gzip ? ', gzip' : ''}`,
    files: [{ name: file, bytes, as: 'interactions' }],
  });
  emit({ type: 'preview', preview });
  const { user, item } = preview.mapping;
  if (user === undefined || item === undefined || user === '' || item === '') {
    issues.block({
      code: 'log.few-columns',
      message: `The file has ${preview.columns.length} column; user and item are two.`,
      where: `${file}:1`,
      fix: 'Check the delimiter.',
    });
    return;
  }
  const rows = await attempt(issues, () =>
    readLog({
      path,
      format,
      mapping: { ...preview.mapping, user, item },
      issues,
      signal,
      onFraction: (fraction) => emit({ type: 'progress', phase: 'Counting rows', fraction, file }),
    }),
  );
  if (rows === undefined) return;
  const perLabel = [0, 0, 0];
  for (const label of rows.labels ?? []) perLabel[label]! += 1;
  emit({
    type: 'interactions',
    file,
    columns: preview.columns,
    users: rows.userIds.length,
    items: rows.itemIds.length,
    rows: rows.users.length,
    train: rows.labels === undefined ? rows.users.length : perLabel[0]!,
    validation: perLabel[1]!,
    test: perLabel[2]!,
  });
}

const columnWords: Readonly<Record<LogFormat['delimiter'], string>> = {
  '\t': 'tabs',
  ',': 'commas',
  ';': 'semicolons',
  '|': '|',
  '::': '::',
};

/** The first 50 rows as read with `format`, and what their columns seem to mean. */
export async function previewLog(path: string, format: LogFormat, options: ReadOptions = {}): Promise<LogPreview> {
  let columns: readonly string[] = [];
  const rows: string[][] = [];
  await readTable(
    path,
    format,
    {
      names: (names) => {
        columns = names;
      },
      row: (fields) => rows.push(fields.map((field) => (field.length > 200 ? `${field.slice(0, 200)}…` : field))),
      badRow: () => undefined,
      isDone: () => rows.length >= previewRows,
    },
    options,
  );
  return { format, columns: [...columns], rows, ...mapColumns(columns, basename(path)) };
}
