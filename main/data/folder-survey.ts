import { join } from 'node:path';
import type { Finding } from '#contract/dataset-import.ts';
import type { GraphSummary, ModalityHealth, SplitCheck } from '#contract/dataset.ts';
import type { Answers } from './answers.ts';
import { attempt } from './attempt.ts';
import { arrayNames, partNames } from './dataset-folder.ts';
import type { DatasetWriter } from './dataset-writer.ts';
import { throwIfCancelled, type FileRecord } from './file-stream.ts';
import { readFolder, type FolderContents } from './folder-contents.ts';
import { readGraphFile } from './graph-file.ts';
import { readInteractions, type LabelledInteractions } from './interactions.ts';
import type { IssueLog } from './issue-log.ts';
import type { StoredItem } from './stored-items.ts';
import { readFolderItems } from './folder-items.ts';
import { nameOf, readIdMapping } from './id-mapping.ts';
import { readTriples } from './formats/triples.ts';
import { knowledgeOf, type Knowledge } from './knowledge.ts';
import { readModality, type ModalityReading } from './modality-reader.ts';
import type { FillAsked, FillRules } from './row-scan.ts';
import { checkSplit, lackingFeatures } from './split-checks.ts';

export interface SurveyOptions {
  readonly issues: IssueLog;
  readonly answers: Answers;
  readonly emit: (finding: Finding) => void;
  readonly signal?: AbortSignal | undefined;
  /** Present when importing: arrays are written as they are read. */
  readonly writer?: DatasetWriter;
}

/** Everything read from an MMRec folder except the arrays that went to the writer. */
export interface FolderSurvey {
  readonly contents: FolderContents;
  readonly interactions: LabelledInteractions;
  readonly modalities: readonly (ModalityHealth & { readonly hash: string })[];
  readonly graphs: readonly (GraphSummary & { readonly hash: string })[];
  readonly items: readonly StoredItem[];
  /** Absent where the folder names its users by number alone. */
  readonly userIds?: readonly string[];
  readonly knowledge?: Knowledge;
  readonly checks: readonly SplitCheck[];
  readonly files: readonly FileRecord[];
}

/**
 * Reads and checks a whole MMRec folder once. Inspection and import share this pass, so what an inspection reports is what an
 * import does. Problems of one file go to `issues` and the next file is read; undefined where there is nothing to go on with.
 */
export async function surveyFolder(folder: string, options: SurveyOptions): Promise<FolderSurvey | undefined> {
  const { issues, answers, emit, signal, writer } = options;
  const contents = await attempt(issues, () => readFolder(folder, issues));
  if (contents === undefined) return undefined;
  emit({ type: 'recognised', layout: 'mmrec', name: contents.name, text: `MMRec folder “${contents.name}”`, files: [...contents.files] });
  const progress = new Progress(contents, emit);
  const read = (name: string, phase: string) => ({ signal, onFraction: (fraction: number) => progress.report(name, phase, fraction) });
  const files: FileRecord[] = [];

  const interactions = await attempt(issues, () =>
    readInteractions(join(folder, contents.inter), issues, answers, read(contents.inter, 'Reading interactions')),
  );
  progress.finish(contents.inter);
  if (interactions === undefined) {
    return undefined;
  }
  files.push(interactions.record);
  emit({
    type: 'interactions',
    file: contents.inter,
    columns: [...interactions.columns],
    users: interactions.users,
    items: interactions.items,
    rows: interactions.train.users.length + interactions.validation.users.length + interactions.test.users.length,
    train: interactions.train.users.length,
    validation: interactions.validation.users.length,
    test: interactions.test.users.length,
  });
  if (writer !== undefined && !issues.isBlocked) await writeParts(writer, interactions);

  const modalities: (ModalityHealth & { hash: string })[] = [];
  const readings: ModalityReading[] = [];
  for (const { name, file } of contents.modalities) {
    const reading = await attempt(issues, () =>
      readModality({
        path: join(folder, file),
        name,
        items: interactions.items,
        fill: (found) => askForFill(answers, name, file, found),
        writer: issues.isBlocked ? undefined : writer,
        ...read(file, `Checking features “${name}”`),
      }),
    );
    progress.finish(file);
    if (reading === undefined) continue;
    files.push(reading.record);
    modalities.push(reading.health);
    readings.push(reading);
    emit({ type: 'modality', health: reading.health });
  }

  const graphs: (GraphSummary & { hash: string })[] = [];
  for (const { graph, file } of contents.graphs) {
    const reading = await attempt(issues, () =>
      readGraphFile(join(folder, file), graph, interactions.items, read(file, `Reading graph ${graph.name}`)),
    );
    progress.finish(file);
    if (reading === undefined) continue;
    files.push(reading.record);
    graphs.push(reading.summary);
    emit({ type: 'graph', graph: reading.summary });
    if (writer !== undefined && !issues.isBlocked) {
      await writer.write(arrayNames.offsets(graph.name), reading.graph.matrix.offsets);
      await writer.write(arrayNames.indices(graph.name), reading.graph.matrix.indices);
      await writer.write(arrayNames.values(graph.name), reading.graph.matrix.values);
    }
  }

  const table = await attempt(issues, () => readFolderItems(contents, interactions.items, issues, answers, { signal }));
  files.push(...(table?.records ?? []));
  if (table?.file !== undefined) {
    const items = table.items;
    emit({
      type: 'items',
      file: table.file,
      rows: table.matched,
      titled: countWith(items, 'title'),
      described: countWith(items, 'description'),
      pictured: countWith(items, 'picture'),
    });
  }

  const users = await attempt(issues, () => readIdMapping(contents, 'user', interactions.users, issues, { signal }));
  if (users?.record !== undefined) files.push(users.record);

  const triples = contents.knowledge;
  const map = { items: interactions.items, byRaw: table?.byRaw ?? new Map<string, number>() };
  const graph =
    triples === undefined
      ? undefined
      : await attempt(issues, () => readTriples(join(folder, triples), map, read(triples, 'Reading the knowledge graph')));
  if (triples !== undefined) progress.finish(triples);
  if (graph !== undefined) files.push(graph.record);
  const knowledge = graph?.knowledge ?? knowledgeOf(table?.facts ?? [], interactions.items, 'item-table');
  if (knowledge !== undefined && writer !== undefined && !issues.isBlocked) {
    for (const part of ['heads', 'kinds', 'tails'] as const) await writer.write(arrayNames.knowledge(part), knowledge[part]);
  }

  throwIfCancelled(signal);
  const checks = checkSplit({
    ...interactions,
    withoutFeatures: lackingFeatures(interactions.items, readings),
    filledByMean: modalities.filter(({ filledBy }) => filledBy === 'mean').length,
  });
  for (const check of checks) {
    emit({ type: 'check', check });
    if (check.state === 'blocking' && check.id === 'evaluated-users' && !issues.isBlocked) {
      issues.block({
        code: 'split.no-evaluated-users',
        message: `No user can be evaluated: ${check.text}.`,
        where: contents.inter,
        fix: 'Every part needs users that also have train rows.',
      });
    }
  }
  return {
    contents,
    interactions,
    modalities,
    graphs,
    items: table?.items ?? [],
    ...(users === undefined || users.byDense.size === 0
      ? {}
      : { userIds: Array.from({ length: interactions.users }, (_, user) => nameOf(users, user)) }),
    ...(knowledge === undefined ? {} : { knowledge }),
    checks,
    files,
  };
}

/** Asks what to do with rows that hold NaN or only zeros; zero rows may stay as they are without being asked. */
function askForFill(answers: Answers, name: string, file: string, found: Pick<FillAsked, 'nanRows' | 'zeroRows'>): FillRules {
  const { nanRows, zeroRows } = found;
  let nan: 'mean' | 'zero' = 'mean';
  let zero: 'kept' | 'mean' = 'kept';
  if (nanRows > 0) {
    const answer = answers.decide({
      id: `nan-rows:${name}`,
      text: `${nanRows.toLocaleString('en')} ${nanRows === 1 ? 'row' : 'rows'} of “${name}” hold NaN`,
      count: nanRows,
      where: file,
      options: [
        { value: 'mean', label: 'Fill with the mean of the other rows', refuses: false },
        { value: 'zero', label: 'Fill with zeros', refuses: false },
        { value: 'refuse', label: 'Refuse the file', refuses: true },
      ],
      default: 'mean',
    });
    nan = answer === 'zero' ? 'zero' : 'mean';
  }
  if (zeroRows > 0) {
    const answer = answers.decide(
      {
        id: `zero-rows:${name}`,
        text: `${zeroRows.toLocaleString('en')} ${zeroRows === 1 ? 'row' : 'rows'} of “${name}” are all zero`,
        count: zeroRows,
        where: file,
        options: [
          { value: 'keep', label: 'Keep them as they are', refuses: false },
          { value: 'mean', label: 'Fill with the mean of the other rows', refuses: false },
        ],
        default: 'keep',
      },
      true,
    );
    zero = answer === 'mean' ? 'mean' : 'kept';
  }
  return { nan, zero };
}

/** Writes the rows of the three parts. */
export async function writeParts(writer: DatasetWriter, split: Pick<LabelledInteractions, 'train' | 'validation' | 'test'>): Promise<void> {
  for (const name of partNames) {
    const part = split[name];
    await writer.write(arrayNames.users(name), part.users);
    await writer.write(arrayNames.items(name), part.items);
    if (part.times !== undefined) await writer.write(arrayNames.times(name), part.times);
  }
}

function countWith(items: readonly StoredItem[], key: 'title' | 'description' | 'picture'): number {
  return items.reduce((sum, item) => sum + (item[key] === undefined ? 0 : 1), 0);
}

/** Progress over all files by their bytes, reported at most every 2 %. */
class Progress {
  readonly #emit: (finding: Finding) => void;
  readonly #bytes: ReadonlyMap<string, number>;
  readonly #total: number;
  #done = 0;
  #last = -1;

  constructor(contents: FolderContents, emit: (finding: Finding) => void) {
    this.#emit = emit;
    const used = contents.files.filter((file) => !file.as.startsWith('not used'));
    this.#bytes = new Map(used.map((file) => [file.name, file.bytes]));
    this.#total = Math.max(
      1,
      used.reduce((sum, file) => sum + file.bytes, 0),
    );
  }

  report(file: string, phase: string, fraction: number): void {
    const value = Math.min(1, (this.#done + fraction * (this.#bytes.get(file) ?? 0)) / this.#total);
    if (value - this.#last < 0.02) return;
    this.#last = value;
    this.#emit({ type: 'progress', phase, fraction: value, file });
  }

  finish(file: string): void {
    this.#done += this.#bytes.get(file) ?? 0;
  }
}
