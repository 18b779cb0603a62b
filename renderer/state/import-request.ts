/** The form of a log import as a draft, and the request it becomes. Pure. */
import type { FeatureAttachment, ItemTableMapping, LogPreview } from '#contract/dataset-import.ts';
import type { InputOf } from '#contract/procedures.ts';
import { emptySplitDraft, ruleOf, splitDraftFault, type SplitDraft } from './split-draft.ts';

export type ImportRequestInput = InputOf<'datasets.import'>;
export type SplitSourceInput = InputOf<'datasets.previewSplit'>['source'];

export interface LogDraft {
  mapping: { user: string; item: string; timestamp: string; rating: string; label: string };
  /** Empty: every row. */
  minRating: string;
  coreUsers: number;
  coreItems: number;
  split: SplitDraft;
  features: FeatureAttachment[];
  itemTable: { file: string; id: string; title: string; description: string; picture: string } | undefined;
}

/** A draft with the mapping that was guessed; a file with labels or times gets the split that uses them. */
export function emptyLogDraft(preview?: LogPreview): LogDraft {
  const guess = preview?.mapping ?? {};
  const hasTime = guess.timestamp !== undefined;
  return {
    mapping: {
      user: guess.user ?? '',
      item: guess.item ?? '',
      timestamp: guess.timestamp ?? '',
      rating: guess.rating ?? '',
      label: guess.label ?? '',
    },
    minRating: '',
    coreUsers: 5,
    coreItems: 5,
    split: emptySplitDraft(hasTime, guess.label === undefined ? 'ratio-per-user' : 'labels'),
    features: [],
    itemTable: undefined,
  };
}

/** The draft with a column given a meaning, or none: the split goes by time as soon as there are times, as where they were guessed. */
export function withColumn(draft: LogDraft, meaning: keyof LogDraft['mapping'], column: string): LogDraft {
  const mapping = { ...draft.mapping, [meaning]: column };
  const isTimed = mapping.timestamp !== '';
  if (isTimed === (draft.mapping.timestamp !== '')) return { ...draft, mapping };
  return { ...draft, mapping, split: { ...draft.split, order: isTimed ? 'time' : 'random' } };
}

/** True where a column has another meaning than the one guessed, by which the rows were counted. */
export function isRemapped(draft: LogDraft, preview: LogPreview): boolean {
  const guessed = emptyLogDraft(preview).mapping;
  return Object.entries(draft.mapping).some(([meaning, column]) => guessed[meaning as keyof LogDraft['mapping']] !== column);
}

/** What the draft still lacks, in words, or undefined. */
export function logDraftFault(draft: LogDraft): string | undefined {
  const { mapping } = draft;
  if (mapping.user === '' || mapping.item === '') return 'Say which columns hold user and item';
  if (mapping.user === mapping.item) return 'User and item cannot be the same column';
  const fault = splitDraftFault(draft.split, { hasTimes: mapping.timestamp !== '', hasLabels: mapping.label !== '' });
  if (fault !== undefined) return fault;
  if (draft.minRating.trim() !== '' && !Number.isFinite(Number(draft.minRating))) return 'The smallest rating must be a number';
  if (draft.minRating.trim() !== '' && mapping.rating === '') return 'Keeping ratings from a value needs the rating column';
  for (const [index, feature] of draft.features.entries()) {
    if (!/^[a-z][a-z0-9_-]*$/.test(feature.name)) return `Features ${index + 1}: name the modality in lower-case letters, such as image`;
    if (feature.file.trim() === '' || feature.ids.trim() === '') return `Features ${index + 1}: choose the matrix and the file of its ids`;
  }
  if (draft.itemTable !== undefined && (draft.itemTable.file.trim() === '' || draft.itemTable.id.trim() === ''))
    return 'Titles and pictures: choose the table and name its id column';
  return undefined;
}

export function folderRequest(folder: string, name: string, choices: Readonly<Record<string, string>>): ImportRequestInput {
  return { from: 'folder', folder, name: name.trim(), choices: { ...choices } };
}

/** The request of a draft without a fault. */
export function logRequest(file: string, name: string, choices: Readonly<Record<string, string>>, draft: LogDraft): ImportRequestInput {
  const { user, item, ...optional } = draft.mapping;
  return {
    from: 'log',
    file,
    name: name.trim(),
    mapping: { user, item, ...filled(optional) },
    ...(draft.minRating.trim() === '' ? {} : { minRating: Number(draft.minRating) }),
    kCore: { users: draft.coreUsers, items: draft.coreItems },
    split: ruleOf(draft.split),
    seed: draft.split.seed,
    features: draft.features.map((feature) => ({ ...feature })),
    ...(draft.itemTable === undefined ? {} : { itemTable: itemTableOf(draft.itemTable) }),
    choices: { ...choices },
  };
}

/** What the preview of its split reads; the rows are read again only where this changes. */
export function splitSourceOf(file: string, draft: LogDraft): SplitSourceInput {
  const { user, item, ...optional } = draft.mapping;
  return {
    from: 'log',
    file,
    mapping: { user, item, ...filled(optional) },
    ...(draft.minRating.trim() === '' ? {} : { minRating: Number(draft.minRating) }),
  };
}

/** A split of a dataset that is here. */
export function splitRequest(dataset: string, name: string, draft: SplitDraft): ImportRequestInput {
  return { from: 'dataset', dataset, name: name.trim(), split: ruleOf(draft), seed: draft.seed };
}

function itemTableOf(table: NonNullable<LogDraft['itemTable']>): ItemTableMapping {
  const { file, id, ...optional } = table;
  return { file, id, ...filled(optional) };
}

function filled<T extends Record<string, string>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== '')) as Partial<T>;
}
