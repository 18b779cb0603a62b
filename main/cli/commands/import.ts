import { resolve } from 'node:path';
import type { ColumnMapping, Finding, LogPreview } from '#contract/dataset-import.ts';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import type { InputOf } from '#contract/procedures.ts';
import type { SplitRule } from '#contract/split-rule.ts';
import { required, text, texts, UsageError, type Command, type Context, type Values } from '../command.ts';
import { unknownKey } from '#studio/nearest.ts';
import { splitDetails, splitOf, splitOptionHelp, splitSeedOf } from '../split-options.ts';
import { problemLines } from '../words.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'checks a folder in the MMRec layout, or a log, and imports it as a dataset',
  usage: 'FOLDER --name NAME [--choice ID=VALUE]… | FILE --name NAME --split RULE [--user COLUMN --item COLUMN …]',
  positionals: { least: 1, most: 1 },
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the dataset' },
    choice: { type: 'string', multiple: true, value: 'ID=VALUE', help: 'answers a choice of the inspection, e.g. repeats=keep-first' },
    ...splitOptionHelp,
    user: { type: 'string', value: 'COLUMN', help: 'column of a log that holds the user (default: as guessed)' },
    item: { type: 'string', value: 'COLUMN', help: 'column of the item' },
    time: { type: 'string', value: 'COLUMN', help: 'column of the time' },
    rating: { type: 'string', value: 'COLUMN', help: 'column of the rating' },
    label: { type: 'string', value: 'COLUMN', help: 'column of the split label' },
    'min-rating': { type: 'string', value: 'X', help: 'keep rows with at least this rating' },
    'k-core': { type: 'string', value: 'U,I', help: 'fewest rows of a user and of an item, e.g. 5,5 (default: 0,0)' },
  },
  details: splitDetails,
  async run(context) {
    const folder = resolve(context.positionals[0] ?? '');
    const name = required(context.values, 'name');
    const answers: Record<string, string> = {};
    for (const pair of texts(context.values, 'choice')) {
      const [id = '', ...rest] = pair.split('=');
      if (id === '' || rest.length === 0) throw new UsageError(`--choice wants ID=VALUE, found "${pair}"`);
      answers[id] = rest.join('=');
    }
    const log = logOf(context.values);
    const wish = log === undefined ? { folder, name, answers } : { folder, name, answers, log };
    const summary = await importFolder(context, await context.link({ resume: false }), wish);
    context.print(
      `${summary.id}: ${summary.name}, ${summary.users} users, ${summary.items} items, split ${summary.fingerprint.splitHash.slice(0, 8)}`,
    );
    return { json: { dataset: summary } };
  },
};

export interface FolderImport {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  /** Answers to choices of the inspection; what is not answered is taken as default, and said. */
  readonly answers: Readonly<Record<string, string>>;
  /** Of a log: its split, filters, and the columns that are not those guessed. */
  readonly log?: LogOptions;
}

interface LogOptions {
  readonly split: SplitRule;
  readonly seed: number;
  readonly columns: Partial<ColumnMapping>;
  readonly minRating?: number;
  readonly kCore: { readonly users: number; readonly items: number };
}

/** What the options say about a log; undefined where no split is given, as for a folder that brings its labels. */
function logOf(values: Values): LogOptions | undefined {
  const split = splitOf(values);
  const named = { user: 'user', item: 'item', time: 'timestamp', rating: 'rating', label: 'label' } as const;
  const columns: Partial<ColumnMapping> = {};
  for (const [option, meaning] of Object.entries(named)) {
    const column = text(values, option);
    if (column !== undefined) columns[meaning] = column;
  }
  const least = text(values, 'min-rating');
  const core = text(values, 'k-core');
  if (split === undefined) {
    if (Object.keys(columns).length > 0 || least !== undefined || core !== undefined)
      throw new UsageError('--split is missing: columns and filters are of a log, which needs one');
    return undefined;
  }
  const [users = NaN, items = NaN] = (core ?? '0,0').split(',').map(Number);
  if (![users, items].every((value) => Number.isInteger(value) && value >= 0))
    throw new UsageError(`--k-core wants U,I such as 5,5, found "${core}"`);
  if (least !== undefined && !Number.isFinite(Number(least))) throw new UsageError(`--min-rating must be a number, found "${least}"`);
  return {
    split,
    seed: splitSeedOf(values),
    columns,
    ...(least === undefined ? {} : { minRating: Number(least) }),
    kCore: { users, items },
  };
}

/**
 * Inspects a folder, with what is found on stderr, and imports it.
 * @throws ProblemError import.*; UsageError for an answer that no choice of this folder takes
 */
export async function importFolder(
  context: Context,
  link: Link,
  { folder, name, answers: given, log }: FolderImport,
): Promise<DatasetSummary> {
  const answers: Record<string, string> = { ...given };
  const asked = new Set<string>();
  let importable = false;
  const open: string[] = [];
  let problems = 0;
  let preview: LogPreview | undefined;
  for await (const finding of link.stream('datasets.inspect', { path: folder })) {
    switch (finding.type) {
      case 'progress':
        context.progress(`inspecting ${finding.file ?? finding.phase} ${Math.round(finding.fraction * 100)} %`);
        break;
      case 'interactions':
        context.note(`${finding.file}: ${finding.users} users, ${finding.items} items, ${interactionsText(finding)}`);
        break;
      case 'modality':
        context.note(
          `${finding.health.file}: ${finding.health.name} [${finding.health.items}, ${finding.health.width}] ${finding.health.sourceType}, ${finding.health.missing} missing rows`,
        );
        break;
      case 'graph':
        context.note(`${finding.graph.file}: ${finding.graph.form}, ${finding.graph.entries} entries`);
        break;
      case 'choice': {
        asked.add(finding.choice.id);
        const answer = answers[finding.choice.id] ?? finding.choice.default;
        const option = finding.choice.options.find((entry) => entry.value === answer);
        if (option === undefined)
          throw new UsageError(
            `--choice ${finding.choice.id} must be one of ${finding.choice.options.map((entry) => entry.value).join(', ')}, found "${answer}"`,
          );
        context.note(`${finding.choice.text}: ${option.label}`);
        if (answers[finding.choice.id] === undefined)
          open.push(`--choice ${finding.choice.id}=${finding.choice.options.map((entry) => entry.value).join('|')}`);
        // An import asks for every choice; on the command line the default is taken openly, named on stderr.
        answers[finding.choice.id] = answer;
        break;
      }
      case 'problem':
        for (const line of problemLines(finding.problem)) context.note(line);
        if (finding.count > 1) context.note(`  ${finding.count} places, first: ${finding.examples.join(', ')}`);
        if (finding.blocking) problems += 1;
        break;
      case 'finished':
        importable = finding.importable;
        break;
      case 'recognised':
      case 'items':
      case 'check':
        break;
      case 'preview':
        preview = finding.preview;
        context.note(columnsText(preview.mapping, log?.columns));
        break;
    }
  }
  for (const id of Object.keys(given)) refuseUnknown(id, asked, importable, context);
  if (open.length > 0) context.note(`Choices taken as default; change them with ${open.join(' ')}`);
  if (!importable) {
    throw new ProblemError({
      kind: 'data',
      code: 'import.refused',
      message: `${folder} was not imported${problems === 0 ? ': nothing in it is a dataset' : `, for ${problems === 1 ? 'the problem' : `the ${problems} problems`} above`}`,
    });
  }
  // Cancelled in so many words: it would outlive the end of this command.
  for await (const event of link.stream('datasets.import', requestOf(folder, name, answers, preview, log), context.interruptible())) {
    if (event.type === 'progress') context.progress(`importing ${event.file ?? event.phase} ${Math.round(event.fraction * 100)} %`);
    else return event.summary;
  }
  throw new ProblemError({ kind: 'cancelled', code: 'import.cancelled', message: 'The import was cancelled; nothing was left behind' });
}

/** Which column means what, so that a wrong guess is seen where nobody looks at a form. */
function columnsText(guessed: LogPreview['mapping'], given: LogOptions['columns'] | undefined): string {
  const mapping = { ...guessed, ...given };
  const of = (column: string | undefined): string => (column === undefined ? 'none' : `“${column}”`);
  const label = mapping.label === undefined ? '' : `, label ${of(mapping.label)}`;
  return `Columns: user ${of(mapping.user)}, item ${of(mapping.item)}, time ${of(mapping.timestamp)}, rating ${of(mapping.rating)}${label}; others with --user, --item, --time, --rating`;
}

/** @throws UsageError where a log has no split, a folder has one, or a column is neither guessed nor given */
function requestOf(
  path: string,
  name: string,
  choices: Record<string, string>,
  preview: LogPreview | undefined,
  log: LogOptions | undefined,
): InputOf<'datasets.import'> {
  if (preview === undefined) {
    if (log !== undefined)
      throw new UsageError('--split is of a log; this folder brings its labels. Import it, then: avocet split DATASET');
    return { from: 'folder', folder: path, name, choices };
  }
  if (log === undefined) throw new UsageError('A log needs --split: how its rows become train, validation and test (avocet import --help)');
  const { user, item, ...rest } = { ...preview.mapping, ...log.columns };
  if (user === undefined || item === undefined)
    throw new UsageError(`--${user === undefined ? 'user' : 'item'} is missing; the columns are ${preview.columns.join(', ')}`);
  const { split, seed, kCore, minRating } = log;
  return {
    from: 'log',
    file: path,
    name,
    mapping: { user, item, ...rest },
    kCore,
    split,
    seed,
    choices,
    ...(minRating === undefined ? {} : { minRating }),
  };
}

/** A log has no parts until it is split. */
function interactionsText({ train, validation, test }: Extract<Finding, { type: 'interactions' }>): string {
  return validation + test === 0 ? `${train} interactions` : `${train} / ${validation} / ${test} interactions`;
}

/** Choices that some folder asks for; of one modality or file each where a colon follows. */
const knownChoices = ['repeats', 'encoding', 'nan-rows:', 'zero-rows:', 'encoding:'];

/** A choice that no import has is wrong use; one that this folder does not ask for is said, and changes nothing. */
function refuseUnknown(id: string, asked: ReadonlySet<string>, isComplete: boolean, context: Context): void {
  if (asked.has(id)) return;
  if (!knownChoices.some((known) => (known.endsWith(':') ? id.startsWith(known) : id === known))) {
    const known = [...asked];
    throw new UsageError(
      known.length === 0 ? `--choice ${id}: this folder asks for no choice` : unknownKey(id, known, 'choices of this folder'),
    );
  }
  if (isComplete) context.note(`--choice ${id} was not needed: this folder does not ask for it`);
}
