/** What the columns of the runs table are called, how wide they are and how their values read. Pure. */
import { metricOf } from '#contract/metrics.ts';
import { fieldName, formulaText, kindOf, runFields } from '#contract/runs-fields.ts';
import { measuredOf } from '#contract/runs-expression.ts';
import type { Reading, RunsCell, ViewColumn, ViewState } from '#contract/runs-table.ts';
import { bytes, date, duration } from '#renderer/locales/format.ts';
import { columnWidths, within } from './column-order.ts';

export interface RunsColumn {
  /** Field, or formula after an equals sign; a column of differences ends in " Δ". */
  readonly key: string;
  readonly label: string;
  /** What it means, for hover. */
  readonly says: string;
  readonly kind: 'metric' | 'number' | 'text' | 'delta';
  readonly group: 'validation' | 'test' | 'other';
  readonly width: number;
  /** "recall@20", of a metric or of the differences of one. */
  readonly metric?: string;
  readonly canSort: boolean;
  /** Text a person writes into its cells. */
  readonly isWritten: boolean;
  /** Its width is a person's own. */
  readonly isSized?: boolean;
}

export const defaultColumns: readonly ViewColumn[] = [
  { key: 'dataset' },
  { key: 'n' },
  { key: 'val.recall@20' },
  { key: 'val.ndcg@20' },
  { key: 'test.recall@20' },
  { key: 'test.ndcg@20' },
  { key: 'bestEpoch' },
  { key: 'elapsedSeconds' },
  { key: 'tag' },
];

export const readingWords: Readonly<Record<Reading, string>> = {
  best: 'best validation',
  last: 'last epoch',
  min: 'lowest',
  max: 'highest',
};

export function columnOf({ key, label, width }: ViewColumn, reading: Reading): RunsColumn {
  const more = {
    ...(width === undefined ? {} : { width: within(width, columnWidths), isSized: true }),
    ...(label === undefined ? {} : { label }),
  };
  const formula = formulaText(key);
  const plain = { key, group: 'other' as const, canSort: true, isWritten: false };
  if (key === 'n')
    return { ...plain, label: 'n', says: 'Finished seeds behind the mean', kind: 'number', width: 44, canSort: false, ...more };
  if (formula !== undefined) return { ...plain, label: formula, says: `Formula: ${formula}`, kind: 'number', width: 168, ...more };
  const measured = measuredOf(key);
  if (measured?.part === 'log')
    return { ...plain, label: measured.key, says: 'As an imported log calls it: the last value', kind: 'number', width: 132, ...more };
  if (measured !== undefined) {
    const { part, key: metric } = measured;
    const words = metricOf(metric);
    const arrow = words === undefined ? '' : words.better === 'higher' ? '↑ ' : '↓ ';
    const isTest = part === 'test';
    const read =
      part === 'val' ? (reading === 'best' ? '' : `, ${readingWords[reading]}`) : part === 'test' ? '' : `, ${readingWords[part]}`;
    return {
      ...plain,
      label: isTest ? (words?.short ?? metric) : `${arrow}${words?.label ?? metric}${read}`,
      says: words?.definition ?? `Recorded as ${metric}.`,
      kind: 'metric',
      group: isTest ? 'test' : 'validation',
      metric,
      width: isTest ? 72 : read === '' ? 136 : 196,
      ...more,
    };
  }
  const known = runFields[fieldName(key)];
  const isOwn = key.startsWith('my.');
  if (known === undefined)
    return {
      ...plain,
      label: isOwn ? key.slice(3) : key,
      says: isOwn ? 'Your own column' : `Setting ${key}`,
      kind: 'number',
      width: 112,
      isWritten: isOwn,
      ...more,
    };
  const isText = known.type === 'text';
  const widths: Readonly<Record<string, number>> = {
    bestEpoch: 68,
    elapsedSeconds: 64,
    seed: 64,
    dataset: 88,
    model: 120,
    experiment: 168,
    tag: 96,
    note: 200,
    state: 88,
  };
  return {
    ...plain,
    label: known.label,
    says: known.says,
    kind: isText ? 'text' : 'number',
    width: widths[key] ?? (known.type === 'time' ? 136 : 112),
    isWritten: key === 'note',
    ...more,
  };
}

/** Columns in order; beside each validation metric its difference where there is a baseline; those equal everywhere are folded away. */
export function shownColumns(
  state: Pick<ViewState, 'columns' | 'reading' | 'fold' | 'delta' | 'baseline' | 'collapse' | 'scope'>,
  folded: ReadonlySet<string>,
): readonly RunsColumn[] {
  const own = state.columns ?? defaultColumns;
  // Sizes are what one looks for in the trash.
  const needsSize = state.scope === 'trash' && !own.some(({ key }) => key === 'fileBytes');
  const chosen = needsSize ? [...own, { key: 'fileBytes' }] : own;
  return chosen
    .filter(({ key }) => !(state.fold && folded.has(key)) && !(key === 'n' && !state.collapse))
    .flatMap((entry) => {
      const column = columnOf(entry, state.reading);
      if (state.baseline === undefined || column.kind !== 'metric' || column.group !== 'validation') return [column];
      const unit = { absolute: '', percent: ' %', sd: ' sd' }[state.delta];
      const delta: RunsColumn = {
        ...column,
        key: `${column.key} Δ`,
        label: `Δ${unit}`,
        says: {
          absolute: 'Difference from the baseline',
          percent: 'Difference in percent of the baseline',
          sd: 'Difference in standard deviations of the baseline over its seeds',
        }[state.delta],
        kind: 'delta',
        width: 76,
        canSort: false,
      };
      return [column, delta];
    });
}

/** Px that words may take more than usual where there is room. */
const wishes: Readonly<Record<string, number>> = { dataset: 172, experiment: 152, note: 160, tag: 64 };

/**
 * What columns and the configuration before them take of px that are left over: first the configuration, up to 480 px, then words that
 * were cut, then every column the same, so that no gap opens between the names and their numbers. What a person has sized stays so, and
 * differences, which nobody can size, stay as they are: else the edge of a column behind them would not follow the pointer.
 */
export function withRoom(
  columns: readonly RunsColumn[],
  least: number,
  spare: number,
  isFirstSized = false,
): { first: number; columns: readonly RunsColumn[] } {
  if (spare <= 0) return { first: least, columns };
  let left = isFirstSized ? spare : spare - Math.min(spare, Math.max(0, 480 - least));
  const first = least + spare - left;
  const stays = ({ isSized, kind }: RunsColumn) => isSized === true || kind === 'delta';
  const wider = columns.map((column) => {
    const more = stays(column) ? 0 : Math.min(left, wishes[column.key] ?? 0);
    left -= more;
    return { ...column, width: column.width + more };
  });
  const free = columns.filter((column) => !stays(column)).length;
  const each = Math.floor(left / Math.max(1, free));
  return {
    first: isFirstSized ? first : first + left - each * free,
    columns: wider.map((column) => (stays(column) ? column : { ...column, width: column.width + each })),
  };
}

/** The column a difference belongs to. */
export const ofDelta = (key: string): string => key.replace(/ Δ$/, '');

/** Columns whose cells come from the studio. */
export const isFetched = (column: RunsColumn): boolean => column.key !== 'n' && column.kind !== 'delta';

/** How far a value is from the baseline's; undefined where there is nothing to measure it by. */
export function deltaOf(cell: RunsCell | undefined, base: RunsCell | undefined, unit: ViewState['delta']): number | undefined {
  if (cell?.value === undefined || base?.value === undefined) return undefined;
  const difference = cell.value - base.value;
  if (unit === 'absolute') return difference;
  if (unit === 'percent') return base.value === 0 ? undefined : (difference / Math.abs(base.value)) * 100;
  return base.sd === undefined || base.sd === 0 ? undefined : difference / base.sd;
}

/** A number as a cell shows it; metrics have their own. */
export function cellNumber(key: string, value: number): string {
  const field = runFields[fieldName(key)];
  if (field?.unit === 's') return duration(value);
  if (field?.unit === 'B') return bytes(value);
  if (kindOf(key) === 'time') return date(value);
  if (Number.isInteger(value)) return String(value);
  // A mean over seeds need not be an epoch.
  if (key === 'bestEpoch' || key === 'epochs') return String(Number(value.toFixed(1)));
  return Number(value.toPrecision(5)).toString();
}

/** Places after the point that a value needs: three digits of its own, two of its spread, so that 0.07262 ± 0.0105 is not 0.072616 ± 0.01. */
export function placesOf(value: number, sd = 0): number {
  const places = (number: number, digits: number) => (number === 0 ? 0 : digits - 1 - Math.floor(Math.log10(Math.abs(number))));
  return Math.max(0, places(value, 3), isNoise(value, sd) ? 0 : places(sd, 2));
}

/** A spread that rounding alone makes is none. */
const isNoise = (value: number, sd: number): boolean => sd <= 1e-12 * Math.abs(value);

/** What a formula comes to, with the spread over its seeds in as many places; a value too small to be read so has an exponent. */
export function formulaWords(value: number, sd: number | undefined): { readonly value: string; readonly sd?: string } {
  if (sd === undefined || isNoise(value, sd)) {
    const whole = Number.isInteger(value) ? String(value) : Number(value.toPrecision(5)).toString();
    return { value: whole.replace(/^-/, '−'), ...(sd === undefined ? {} : { sd: '0' }) };
  }
  const places = placesOf(value, sd);
  const text = (number: number) => (places > 8 ? number.toExponential(2) : number.toFixed(places)).replace(/^-/, '−');
  return { value: text(value), sd: text(sd) };
}
