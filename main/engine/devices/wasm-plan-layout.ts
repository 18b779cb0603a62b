/** Where the regions of a recorded step lie in one block of memory: those that are not needed at the same time share places. */
import { jobBinary, jobBinaryGrid, jobUnary } from '../kernels/assembly/job-numbers.ts';
import type { Entry, Region } from './wasm-plan-record.ts';

export interface Layout {
  /** Bytes from the beginning of the block, for every region that is touched and holds no constant. */
  readonly offsets: ReadonlyMap<Region, number>;
  readonly bytes: number;
}

/** What a layout needs of a record. */
export interface Recorded {
  readonly entries: readonly Entry[];
  readonly regions: { readonly all: readonly Region[] };
  readonly tensors: ReadonlyMap<object, Region>;
}

/** One or more regions that follow each other in one place. */
interface Lot {
  readonly bytes: number;
  readonly regions: Region[];
  first: number;
  last: number;
  offset: number;
}

/** Jobs that read a value of their operands before they write the value there. */
const inPlace: ReadonlySet<number> = new Set([jobUnary, jobBinary, jobBinaryGrid]);

/** `results` are read when the step is over. */
export function layOut(record: Recorded, results: ReadonlySet<Region>): Layout {
  const lots = lotsOf(record, results);
  // The large ones first, each in the lowest gap among those placed before it that live at its time.
  const placed: Lot[] = [];
  let bytes = 0;
  for (const lot of [...lots].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let offset = 0;
    for (const other of placed) {
      if (other.first > lot.last || lot.first > other.last) continue;
      if (other.offset >= offset + lot.bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    lot.offset = offset;
    bytes = Math.max(bytes, offset + lot.bytes);
    const next = placed.findIndex((other) => other.offset > offset);
    placed.splice(next < 0 ? placed.length : next, 0, lot);
  }
  return { offsets: new Map(lots.flatMap(({ regions, offset }) => regions.map((region) => [region, offset] as const))), bytes };
}

function lotsOf(record: Recorded, results: ReadonlySet<Region>): Lot[] {
  const lots = new Map<Region, Lot>();
  const inOrder = record.regions.all
    .filter((region) => region.content === undefined && (region.last >= 0 || results.has(region)))
    .map((region) => ({
      region,
      // Inputs are there before the first entry.
      first: region.leaf === undefined ? region.first : -1,
      last: results.has(region) ? Infinity : region.last,
    }))
    .sort((a, b) => a.first - b.first);
  for (const { region, first, last } of inOrder) {
    const before = lots.get(replacedBy(record, first, region) ?? region);
    if (before?.last === first) {
      before.regions.push(region);
      before.last = last;
      lots.set(region, before);
    } else {
      lots.set(region, { bytes: Math.max(64, Math.ceil(region.bytes / 64) * 64), regions: [region], first, last, offset: 0 });
    }
  }
  return [...new Set(lots.values())];
}

/** The operand of an element-wise entry that its result may overwrite, if it dies there. */
function replacedBy(record: Recorded, at: number, result: Region): Region | undefined {
  const entry = record.entries[at];
  if (entry?.kind !== 'jobs' || entry.jobs.length !== 1 || !inPlace.has(entry.jobs[0]!.job)) return undefined;
  if (entry.tensors.length !== 1 || record.tensors.get(entry.tensors[0]!) !== result) return undefined;
  return entry.inputs.find(
    (input): input is Region =>
      typeof input !== 'number' &&
      input.content === undefined &&
      input.leaf === undefined &&
      input.bytes === result.bytes &&
      input.last === at,
  );
}
