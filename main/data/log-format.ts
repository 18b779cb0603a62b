import { basename } from 'node:path';
import type { LogFormat } from '#contract/dataset-import.ts';
import { ProblemError } from '#contract/problem.ts';
import type { Answers } from './answers.ts';
import { detectTable, readText } from './table-reader.ts';

/**
 * How the text of a log is read: as asked, or as detected. A file that is not UTF-8 is offered as Latin-1, a choice that is
 * recorded. The whole file is decoded to know.
 */
export async function readLogFormat(path: string, asked: LogFormat | undefined, answers: Answers): Promise<LogFormat> {
  if (asked?.encoding === 'latin-1') return asked;
  const format = asked ?? (await detectTable(path));
  const where = format.encoding === 'latin-1' ? basename(path) : await firstBadLine(path, format);
  if (where === undefined) return format;
  answers.decide({
    id: 'encoding',
    text: `${basename(path)} is not UTF-8; it reads as Latin-1`,
    count: 1,
    where,
    options: [
      { value: 'latin-1', label: 'Read it as Latin-1', refuses: false },
      { value: 'refuse', label: 'Refuse the file', refuses: true },
    ],
    default: 'latin-1',
  });
  return { ...format, encoding: 'latin-1' };
}

async function firstBadLine(path: string, format: LogFormat): Promise<string | undefined> {
  try {
    await readText(path, format, () => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'table.encoding') return error.problem.where;
    // Any other fault shows again, with its place, when the rows are read.
    return undefined;
  }
}
