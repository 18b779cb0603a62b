import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderImport, ImportEvent, ImportRequest } from '#contract/dataset-import.ts';
import { Answers } from './answers.ts';
import { datasetId, DatasetWriter, demoId, nameTaken } from './dataset-writer.ts';
import { eventStream } from './event-stream.ts';
import { throwIfCancelled } from './file-stream.ts';
import { surveyFolder } from './folder-survey.ts';
import { throwIfBlocked } from './import-problems.ts';
import { IssueLog } from './issue-log.ts';
import { importLog } from './log-import.ts';
import { summaryOf, type Manifest, type ManifestDraft } from './manifest.ts';
import { importSplit } from './resplit.ts';
import { finishDataset } from './finish-dataset.ts';

export interface ImportOptions {
  /** Folder of all datasets; the new one becomes `root/<id>`. */
  readonly root: string;
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970 to store as time of import. */
  readonly now?: number;
}

/**
 * Imports a folder or a log as an immutable dataset. Progress events, then `done`. Throws a ProblemError, with nothing left on
 * disk, for bad data, for a choice nobody answered, for a name that is taken, and when cancelled.
 */
export function importDataset(request: ImportRequest, options: ImportOptions): AsyncGenerator<ImportEvent, void, void> {
  return eventStream<ImportEvent>(async (emit) => {
    emit({ type: 'progress', phase: 'Starting', fraction: 0 });
    const manifest = await importInto(request, options, emit);
    emit({ type: 'progress', phase: 'Done', fraction: 1 });
    emit({ type: 'done', summary: summaryOf(manifest) });
  });
}

async function importInto(request: ImportRequest, options: ImportOptions, emit: (event: ImportEvent) => void): Promise<Manifest> {
  const id = datasetId(request.name);
  if (id === demoId) throw nameTaken(id);
  await access(join(options.root, id)).then(
    () => {
      throw nameTaken(id);
    },
    () => undefined,
  );
  const writer = await DatasetWriter.create(options.root);
  try {
    const issues = new IssueLog();
    const answers = new Answers(request.from === 'dataset' ? {} : request.choices, false, () => undefined);
    const draft = await draftOf(request, options.root, { writer, issues, answers, emit, signal: options.signal });
    throwIfCancelled(options.signal);
    return await writer.commit(id, draft, options.now ?? Date.now());
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

function draftOf(request: ImportRequest, root: string, context: ImportContext): Promise<ManifestDraft> {
  switch (request.from) {
    case 'folder':
      return importFolder(request, context);
    case 'log':
      return importLog(request, context);
    case 'dataset':
      return importSplit(request, root, context);
  }
}

export interface ImportContext {
  readonly writer: DatasetWriter;
  readonly issues: IssueLog;
  readonly answers: Answers;
  readonly emit: (event: ImportEvent) => void;
  readonly signal: AbortSignal | undefined;
}

async function importFolder(request: FolderImport, context: ImportContext) {
  const { issues, answers, writer, emit, signal } = context;
  const survey = await surveyFolder(request.folder, {
    issues,
    answers,
    signal,
    writer,
    emit: (finding) => {
      // Reading is nine tenths of an import; the rest is statistics and the manifest.
      if (finding.type === 'progress') emit({ ...finding, fraction: finding.fraction * 0.9 });
    },
  });
  throwIfBlocked(issues);
  answers.requireAll();
  if (survey === undefined) throw new Error('a survey without result or problem');
  const { interactions } = survey;
  emit({ type: 'progress', phase: 'Computing statistics', fraction: 0.92 });
  const rowsAfter = interactions.rowsRead - interactions.repeats;
  return finishDataset(
    {
      name: request.name,
      about: `Imported from the MMRec folder “${survey.contents.name}”, official split.`,
      source: 'mmrec-folder',
      madeBy: { rule: { rule: 'labels' } },
      split: interactions,
      fileHash: interactions.record.hash,
      modalities: survey.modalities,
      graphs: survey.graphs,
      items: survey.items,
      ...(survey.userIds === undefined ? {} : { userIds: survey.userIds }),
      ...(survey.knowledge === undefined ? {} : { knowledge: survey.knowledge }),
      checks: survey.checks,
      files: survey.files,
      choices: answers.taken,
      recipe: [
        {
          step: 'read',
          text: `${survey.contents.inter} read, every id and label checked`,
          rowsBefore: interactions.rowsRead,
          rowsAfter: interactions.rowsRead,
          usersAfter: interactions.users,
          itemsAfter: interactions.items,
        },
        ...(interactions.repeats > 0
          ? [
              {
                step: 'merge',
                text: 'Repeated pairs of the same part merged, first row kept',
                rowsBefore: interactions.rowsRead,
                rowsAfter,
              },
            ]
          : []),
        { step: 'split', text: 'Official labels taken as they are', rowsBefore: rowsAfter, rowsAfter },
      ],
    },
    writer,
  );
}
