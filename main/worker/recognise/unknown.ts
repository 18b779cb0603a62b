import { extname } from 'node:path';
import { ProblemError } from '#contract/problem.ts';

const listed = 4;

/** "12 files: 7 .png, 3 .pdf, 2 without an extension" or the names of a few. */
export function namesOf(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  if (names.length <= listed) return names.join(', ');
  const counts = new Map<string, number>();
  for (const name of names) {
    const extension = extname(name).toLowerCase();
    counts.set(extension, (counts.get(extension) ?? 0) + 1);
  }
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).slice(0, listed);
  const words = kinds.map(([extension, count]) => `${count} ${extension === '' ? 'without extension' : extension}`);
  return `${names.length} entries, ${words.join(', ')}${counts.size > listed ? ' …' : ''}`;
}

export interface Unrecognised {
  readonly where: string;
  readonly found: string;
  readonly isFolder?: boolean;
  readonly isSeveral?: boolean;
  /** Tables of the folder: one of them may be what was meant. */
  readonly tables?: readonly string[];
}

/** What was found, and what can be opened. */
export function unknown({ where, found, isFolder = false, isSeveral = false, tables = [] }: Unrecognised): ProblemError {
  const message = isSeveral
    ? `These files do not belong together in a way that Avocet knows: ${found}`
    : isFolder
      ? `The folder is of no kind that Avocet knows. It holds ${found}`
      : `The file is of no kind that Avocet knows: ${found}`;
  return new ProblemError({
    kind: 'data',
    code: 'open.unknown',
    message,
    where,
    fix:
      tables.length > 1
        ? `Open one of its tables by itself, such as ${tables[0]!}.`
        : isSeveral
          ? 'Open one folder, archive or file.'
          : canBeOpened,
  });
}

const canBeOpened =
  'What can be opened: a dataset (a folder with an .inter file, or a log of interactions as CSV, TSV or JSON lines), runs of TensorBoard, MLflow, Weights & Biases, MMRec, RecBole or Elliot, a bundle, an experiment in YAML or JSON, user and item vectors (.npy), ranked lists, a table of reported values, and a zip or tar of these.';
