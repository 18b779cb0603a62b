/** The form of a log import as a draft, and the request it becomes. Pure. */
import type { FeatureAttachment, ItemTableMapping, LogPreview, SplitRule } from '#contract/dataset-import.ts';
import type { InputOf } from '#contract/procedures.ts';

export type ImportRequestInput = InputOf<'datasets.import'>;

export interface LogDraft {
  mapping: { user: string; item: string; timestamp: string; rating: string; label: string };
  /** Empty: every row. */
  minRating: string;
  coreUsers: number;
  coreItems: number;
  rule: SplitRule['rule'];
  validationShare: number;
  testShare: number;
  order: 'random' | 'time';
  validationQuantile: number;
  testQuantile: number;
  unseen: 'drop' | 'keep';
  seed: number;
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
    rule: guess.label === undefined ? 'ratio-per-user' : 'labels',
    validationShare: 0.1,
    testShare: 0.1,
    order: hasTime ? 'time' : 'random',
    validationQuantile: 0.8,
    testQuantile: 0.9,
    unseen: 'drop',
    seed: 7,
    features: [],
    itemTable: undefined,
  };
}

/** What the draft still lacks, in words, or undefined. */
export function logDraftFault(draft: LogDraft): string | undefined {
  const { mapping } = draft;
  if (mapping.user === '' || mapping.item === '') return 'Say which columns hold user and item';
  if (mapping.user === mapping.item) return 'User and item cannot be the same column';
  if (draft.rule === 'labels' && mapping.label === '') return 'The split by labels needs the column that holds them';
  const needsTime =
    draft.rule === 'temporal' || ((draft.rule === 'ratio-per-user' || draft.rule === 'leave-one-out') && draft.order === 'time');
  if (needsTime && mapping.timestamp === '') return 'A split by time needs the column that holds the time';
  if (draft.minRating.trim() !== '' && !Number.isFinite(Number(draft.minRating))) return 'The smallest rating must be a number';
  if (draft.minRating.trim() !== '' && mapping.rating === '') return 'Keeping ratings from a value needs the rating column';
  if (draft.rule === 'ratio-per-user' && draft.validationShare + draft.testShare >= 1)
    return 'Validation and test together must leave rows for train';
  if (draft.rule === 'temporal' && draft.validationQuantile >= draft.testQuantile) return 'Validation must start before test';
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
    split: splitOf(draft),
    seed: draft.seed,
    features: draft.features.map((feature) => ({ ...feature })),
    ...(draft.itemTable === undefined ? {} : { itemTable: itemTableOf(draft.itemTable) }),
    choices: { ...choices },
  };
}

function splitOf(draft: LogDraft): SplitRule {
  switch (draft.rule) {
    case 'labels':
    case 'mmrec-ratio':
      return { rule: draft.rule };
    case 'ratio-per-user':
      return { rule: draft.rule, validation: draft.validationShare, test: draft.testShare, order: draft.order };
    case 'leave-one-out':
      return { rule: draft.rule, order: draft.order };
    case 'temporal':
      return { rule: draft.rule, validationQuantile: draft.validationQuantile, testQuantile: draft.testQuantile, unseen: draft.unseen };
  }
}

function itemTableOf(table: NonNullable<LogDraft['itemTable']>): ItemTableMapping {
  const { file, id, ...optional } = table;
  return { file, id, ...filled(optional) };
}

function filled<T extends Record<string, string>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== '')) as Partial<T>;
}
