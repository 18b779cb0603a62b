/** The settings form of one model, from its card alone: groups of rows, what differs, and how typed text becomes a value. Pure. */
import { heard } from '#renderer/locales/language.svelte.ts';
import { upperFirst } from '#renderer/locales/sentence.ts';
import { hyperFault, resolveHyper, type HyperField, type HyperValue, type HyperValues, type ModelCard } from '#contract/model-card.ts';
import type { Budget } from '#contract/run.ts';
import { fieldOf, isShared, settingKeys, sharedKeys, trainingDefaults } from '#contract/training-fields.ts';
import type { ModelDraft } from './experiment-draft.ts';

export interface SettingRow {
  readonly key: string;
  readonly field: HyperField;
  /** What a run gets when the field is not varied. */
  readonly value: HyperValue;
  /** What the chosen preset (or the card's defaults) would give. */
  readonly preset: HyperValue;
  readonly differs: boolean;
  /** The values of the sweep where the field is varied. */
  readonly varied: readonly HyperValue[] | undefined;
}

export interface SettingGroup {
  readonly title: string;
  readonly rows: readonly SettingRow[];
}

export interface RowFilter {
  readonly search: string;
  readonly changedOnly: boolean;
  /** Rarely changed fields too; a search or "changed only" always reaches them. */
  readonly advanced: boolean;
}

/** What a run gets where the choice says nothing: the preset, else the card; for training the preset's learning rate and the experiment's budget. */
function baseValues(card: ModelCard, choice: ModelDraft, budget: Partial<Budget>): HyperValues {
  return { ...trainingDefaults(card, choice.preset, budget), ...resolveHyper(card, choice.preset, {}) };
}

/** Every row of a card in card order, then those of training. */
export function settingRows(card: ModelCard, choice: ModelDraft, budget: Partial<Budget> = {}): readonly SettingRow[] {
  const preset = baseValues(card, choice, budget);
  // What somebody else runs is trained by that: its own parameters are all there is to set.
  const keys = choice.own === undefined ? settingKeys(card) : Object.keys(card.hyper);
  return keys.map((key) => {
    const field = fieldOf(card, key)!;
    const base = preset[key] ?? field.default;
    const value = choice.values[key] ?? base;
    return { key, field, value, preset: base, differs: value !== base, varied: choice.vary[key] };
  });
}

const isChanged = (row: SettingRow): boolean => row.differs || row.varied !== undefined;

function passes(row: SettingRow, { search, changedOnly }: Pick<RowFilter, 'search' | 'changedOnly'>): boolean {
  if (changedOnly && !isChanged(row)) return false;
  const { label, group, help } = row.field;
  const said = [label, group, help].map((words) => `${words} ${heard(words)}`);
  const text = `${row.key} ${said.join(' ')}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The parts of the budget that all models share and that may be unlocked for this one: those that pass the filter. */
export function sharedRows(
  card: ModelCard,
  choice: ModelDraft,
  filter: Pick<RowFilter, 'search' | 'changedOnly'>,
  budget: Partial<Budget> = {},
): readonly SettingRow[] {
  return settingRows(card, choice, budget).filter((row) => isShared(card, row.key) && passes(row, filter));
}

/** Whether a choice has other epochs, another batch or another patience than all models, single or varied. */
export function ownsBudget(card: ModelCard, choice: ModelDraft, budget: Partial<Budget>): boolean {
  return sharedRows(card, choice, { search: '', changedOnly: true }, budget).length > 0;
}

/** The choice with the budget that all models share. */
export function withSharedBudget(choice: ModelDraft): ModelDraft {
  const shared = <T>(record: Readonly<Record<string, T>>) => sharedKeys.reduce<Readonly<Record<string, T>>>(without, record);
  return {
    ...choice,
    values: shared(choice.values),
    vary: shared(choice.vary),
    ...(choice.between === undefined ? {} : { between: shared(choice.between) }),
  };
}

/** Rows that pass the filter, without those of the shared budget, under their group headings; groups without rows are left out. */
export function settingGroups(
  card: ModelCard,
  choice: ModelDraft,
  filter: RowFilter,
  budget: Partial<Budget> = {},
): readonly SettingGroup[] {
  const groups = new Map<string, SettingRow[]>();
  for (const row of settingRows(card, choice, budget)) {
    const isFolded = row.field.advanced && !filter.advanced && filter.search.trim() === '' && !isChanged(row);
    if (isShared(card, row.key) || isFolded || !passes(row, filter)) continue;
    const group = groups.get(row.field.group) ?? [];
    group.push(row);
    groups.set(row.field.group, group);
  }
  return [...groups].map(([title, rows]) => ({ title, rows }));
}

export function advancedCount(card: ModelCard, choice: ModelDraft): number {
  return settingRows(card, choice).filter(({ key, field }) => field.advanced && !isShared(card, key)).length;
}

/** How many settings of a model are changed or varied: the number on its tab. */
export function changedCount(card: ModelCard, choice: ModelDraft, budget: Partial<Budget> = {}): number {
  return settingRows(card, choice, budget).filter(isChanged).length;
}

export type Typed = { readonly value: HyperValue; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: string };

/** Reads what was typed into a field. Faults are worded for the place right below it: "Must be at least 1 and at most 8, found 9". */
export function readTyped(field: HyperField, text: string): Typed {
  const word = text.trim();
  let value: HyperValue = word;
  if (field.type === 'boolean') value = word === 'true' ? true : word === 'false' ? false : word;
  else if (field.type !== 'choice' && field.type !== 'text') {
    if (word === '') return { fault: 'Type a number' };
    // "1e-3" and "0,5" are both written by researchers; a comma is never a thousands mark in a single value.
    const parsed = Number(word.replace(',', '.'));
    if (!Number.isFinite(parsed)) return { fault: `Not a number: ${word}` };
    value = parsed;
  }
  const fault = hyperFault(field, value);
  return fault === undefined ? { value } : { fault: upperFirst(heard(fault)) };
}

/** A value as the form and the matrix write it: 0.0001 as 1e-4, true as on. */
export function valueText(value: HyperValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'number') return value;
  const size = Math.abs(value);
  if (value !== 0 && size < 1e-3) return value.toExponential().replace('e-0', 'e-');
  return String(value);
}

/** About how wide the chips of a sweep are in one line, px: letters of 7, a cross each, and the button that adds one. */
export function chipsWidth(values: readonly HyperValue[]): number {
  const cross = values.length > 1 ? 18 : 0;
  return values.reduce<number>((sum, value) => sum + 7 * valueText(value).length + 18 + cross + 4, 24);
}

/** The values a sweep of a field begins with: the card's grid, else the present value alone. */
export function firstVariation(row: SettingRow): readonly HyperValue[] {
  const { field } = row;
  if (field.grid !== undefined && field.grid.length > 0)
    return field.grid.includes(row.value) ? [...field.grid] : [row.value, ...field.grid];
  if (field.type === 'choice') return [...field.values];
  if (field.type === 'boolean') return [true, false];
  return [row.value];
}

/** "1 to 8", "above 0, at most 10": the range a tooltip states. */
export function rangeText(field: HyperField): string {
  switch (field.type) {
    case 'integer':
      return `${field.min} to ${field.max}, whole numbers`;
    case 'number':
    case 'log':
      if (field.min === -Number.MAX_VALUE && field.max === Number.MAX_VALUE) return 'any number';
      return field.exclusiveMin
        ? `above ${valueText(field.min)}, at most ${valueText(field.max)}`
        : `${valueText(field.min)} to ${valueText(field.max)}`;
    case 'choice':
      return field.values.join(', ');
    case 'boolean':
      return 'on or off';
    case 'text':
      return 'any text';
  }
}

/** True where the card marks the field as not simply stated by the paper: the row then carries the hollow diamond. */
export const isInferred = (field: HyperField): boolean => field.mark === 'inferred' || field.mark === 'published-second-hand';

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}

/** Sets one value; a value equal to the preset's is no change and is left out. */
export function withValue(card: ModelCard, choice: ModelDraft, key: string, value: HyperValue, budget: Partial<Budget> = {}): ModelDraft {
  const preset = baseValues(card, choice, budget)[key];
  return { ...choice, values: value === preset ? without(choice.values, key) : { ...choice.values, [key]: value } };
}

/** Varies a field over values (repeats dropped), or stops varying it when fewer than one is left. */
export function withVariation(choice: ModelDraft, key: string, values: readonly HyperValue[]): ModelDraft {
  const unique = [...new Set(values)];
  return { ...choice, vary: unique.length === 0 ? without(choice.vary, key) : { ...choice.vary, [key]: unique } };
}

/** Draws a varied field from everything between its smallest and largest value, or from the list alone. */
export function withBetween(choice: ModelDraft, key: string, draws: boolean): ModelDraft {
  const { [key]: _before, ...others } = choice.between ?? {};
  return { ...choice, between: draws ? { ...others, [key]: 'usual' } : others };
}

/** Another preset keeps variations and drops single values: they were changes against the old preset. */
export function withPreset(choice: ModelDraft, preset: string | undefined): ModelDraft {
  return { ...choice, preset, values: {} };
}
