import { resolve } from 'node:path';
import type { DatasetSummary } from '#contract/dataset.ts';
import type { Link } from '#contract/link.ts';
import { ProblemError } from '#contract/problem.ts';
import { required, texts, UsageError, type Command, type Context } from '../command.ts';
import { unknownKey } from '../experiment-options.ts';
import { problemLines } from '../words.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'checks a folder in the MMRec layout and imports it as a dataset',
  usage: 'FOLDER --name NAME [--choice ID=VALUE]…',
  positionals: { least: 1, most: 1 },
  options: {
    name: { type: 'string', value: 'NAME', help: 'name of the dataset' },
    choice: { type: 'string', multiple: true, value: 'ID=VALUE', help: 'answers a choice of the inspection, e.g. repeats=keep-first' },
  },
  async run(context) {
    const folder = resolve(context.positionals[0] ?? '');
    const name = required(context.values, 'name');
    const answers: Record<string, string> = {};
    for (const pair of texts(context.values, 'choice')) {
      const [id = '', ...rest] = pair.split('=');
      if (id === '' || rest.length === 0) throw new UsageError(`--choice wants ID=VALUE, found "${pair}"`);
      answers[id] = rest.join('=');
    }
    const summary = await importFolder(context, await context.link({ resume: false }), { folder, name, answers });
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
}

/**
 * Inspects a folder, with what is found on stderr, and imports it.
 * @throws ProblemError import.*; UsageError for an answer that no choice of this folder takes
 */
export async function importFolder(context: Context, link: Link, { folder, name, answers: given }: FolderImport): Promise<DatasetSummary> {
  const answers: Record<string, string> = { ...given };
  const asked = new Set<string>();
  let importable = false;
  const open: string[] = [];
  let problems = 0;
  for await (const finding of link.stream('datasets.inspect', { path: folder })) {
    switch (finding.type) {
      case 'progress':
        context.progress(`inspecting ${finding.file ?? finding.phase} ${Math.round(finding.fraction * 100)} %`);
        break;
      case 'interactions':
        context.note(
          `${finding.file}: ${finding.users} users, ${finding.items} items, ${finding.train} / ${finding.validation} / ${finding.test} interactions`,
        );
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
      case 'preview':
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
  for await (const event of link.stream('datasets.import', { from: 'folder', folder, name, choices: answers })) {
    if (event.type === 'progress') context.progress(`importing ${event.file ?? event.phase} ${Math.round(event.fraction * 100)} %`);
    else return event.summary;
  }
  throw new ProblemError({ kind: 'cancelled', code: 'import.cancelled', message: 'The import was cancelled; nothing was left behind' });
}

/** Choices that some folder asks for; of one modality or file each where a colon follows. */
const knownChoices = ['repeats', 'nan-rows:', 'zero-rows:', 'encoding:'];

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
