import type { Calibration, Spread } from './statistics.ts';

export type Quartiles = readonly [number, number];

/** One line of the table. `ms` and its neighbours are medians; null where a figure was not or could not be taken. */
export interface Row {
  readonly work: string;
  /** wasm or tensorflow; worker where none computes. */
  readonly device: string;
  /** What the opened device calls itself. */
  readonly deviceName: string | null;
  /** Threads that the opened device reported; the peer had the number asked for, which stands in `peerThreads`. */
  readonly threads: number;
  readonly ms: number | null;
  readonly peerMs: number | null;
  readonly bestPeerMs: number | null;
  readonly ratio: number | null;
  readonly bestRatio: number | null;
  readonly goal: number | null;
  readonly met: boolean | null;
  readonly title: string;
  readonly peerThreads: number;
  /** Quartiles of what `ms`, `peerMs` and `bestPeerMs` are the medians of. */
  readonly spread: Quartiles | null;
  readonly peerSpread: Quartiles | null;
  readonly bestPeerSpread: Quartiles | null;
  readonly peakMb: number | null;
  readonly peerPeakMb: number | null;
  /** The fixed work of each side, ms, right before and after. */
  readonly calibration: Readonly<Record<string, Calibration>> | null;
  /** Why a figure is missing, or what else to know. */
  readonly note: string;
}

export type RowStart = Pick<Row, 'work' | 'device' | 'threads' | 'title' | 'peerThreads'> & Partial<Pick<Row, 'deviceName'>>;

/** A row with everything that was not measured as null. */
export function rowOf(start: RowStart, figures: Partial<Row>): Row {
  const nothing = { ms: null, peerMs: null, bestPeerMs: null, ratio: null, bestRatio: null, goal: null, met: null };
  const more = { spread: null, peerSpread: null, bestPeerSpread: null, peakMb: null, peerPeakMb: null, calibration: null, note: '' };
  return { deviceName: null, ...start, ...nothing, ...more, ...figures };
}

/** Quartiles of one time as those of `factor` of it. */
export function quartiles({ low, high }: Spread, factor = 1): Quartiles {
  return [low * factor, high * factor];
}

/** `{ "rows": […] }`, numbers to four figures. */
export function reportJson(rows: readonly Row[]): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  return JSON.stringify({ rows }, rounded, 2);
}

const columns: readonly { readonly title: string; readonly cell: (row: Row) => string }[] = [
  { title: 'work', cell: ({ work, title }) => `${work} (${title})` },
  { title: 'device', cell: ({ device, deviceName }) => deviceName ?? device },
  { title: 'threads', cell: ({ threads, peerThreads }) => (threads === peerThreads ? `${threads}` : `${threads} (asked ${peerThreads})`) },
  { title: 'ms [quartiles]', cell: ({ ms, spread }) => within(ms, spread) },
  { title: 'peer', cell: ({ peerMs, peerSpread }) => within(peerMs, peerSpread) },
  { title: 'best peer', cell: ({ bestPeerMs, bestPeerSpread }) => within(bestPeerMs, bestPeerSpread) },
  { title: 'ratio', cell: ({ ratio }) => share(ratio) },
  { title: 'to best', cell: ({ bestRatio }) => share(bestRatio) },
  { title: 'goal', cell: ({ goal }) => (goal === null ? '' : `≤ ${goal}`) },
  { title: 'met', cell: ({ met }) => (met === null ? '' : met ? 'yes' : 'NO') },
  { title: 'peak MB', cell: ({ peakMb, peerPeakMb }) => `${number(peakMb)}${peerPeakMb === null ? '' : ` / ${number(peerPeakMb)}`}` },
  { title: 'note', cell: ({ note }) => note },
];

/** The table for people. */
export function reportTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...cells.map((line) => line[at]!.length)));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)].join('\n');
}

/** One row as it is ready, for those who wait. */
export function reportLine(row: Row): string {
  return columns
    .map(({ title, cell }) => [title, cell(row)] as const)
    .filter(([, text]) => text !== '')
    .map(([title, text]) => (title === 'work' || title === 'note' ? text : `${title} ${text}`))
    .join(', ');
}

function within(median: number | null, spread: Quartiles | null): string {
  return spread === null ? number(median) : `${number(median)} [${number(spread[0])}–${number(spread[1])}]`;
}

function number(value: number | null): string {
  if (value === null) return '';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function share(value: number | null): string {
  return value === null ? '' : value.toFixed(2);
}
