/** Where the buffers of a recorded step lie in one block of memory: those that are not needed at the same time share places. */
import { jobBinary, jobBinaryGrid, jobUnary } from '../kernels/assembly/job-numbers.ts';
import type { Region, Trace } from './wasm-plan-trace.ts';

export interface Layout {
  /** Bytes from the beginning of the block, for every buffer that is touched and holds no constant. */
  readonly offsets: ReadonlyMap<Region, number>;
  readonly bytes: number;
}

/** One or more buffers that follow each other in one place. */
interface Lot {
  readonly bytes: number;
  readonly buffers: Region[];
  first: number;
  last: number;
  offset: number;
}

/** Jobs that read a value of their operands before they write the value there. */
const inPlace: ReadonlySet<number> = new Set([jobUnary, jobBinary, jobBinaryGrid]);

/** `results` are read when the step is over. */
export function layOut(trace: Trace, results: ReadonlySet<Region>): Layout {
  const lots = lotsOf(trace, results);
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
  return { offsets: new Map(lots.flatMap(({ buffers, offset }) => buffers.map((buffer) => [buffer, offset] as const))), bytes };
}

function lotsOf(trace: Trace, results: ReadonlySet<Region>): Lot[] {
  const lots = new Map<Region, Lot>();
  const inOrder = trace.buffers
    .filter((buffer) => buffer.content === undefined && (buffer.last >= 0 || results.has(buffer)))
    .map((buffer) => ({
      buffer,
      // Inputs are there before the first entry.
      first: buffer.leaf === undefined ? buffer.first : -1,
      last: results.has(buffer) ? Infinity : buffer.last,
    }))
    .sort((a, b) => a.first - b.first);
  for (const { buffer, first, last } of inOrder) {
    const before = lots.get(replacedBy(trace, first, buffer) ?? buffer);
    if (before?.last === first) {
      before.buffers.push(buffer);
      before.last = last;
      lots.set(buffer, before);
    } else {
      lots.set(buffer, { bytes: Math.max(64, Math.ceil(buffer.bytes / 64) * 64), buffers: [buffer], first, last, offset: 0 });
    }
  }
  return [...new Set(lots.values())];
}

/** The operand of an element-wise entry that its result may overwrite, if it dies there. */
function replacedBy(trace: Trace, at: number, result: Region): Region | undefined {
  const entry = trace.entries[at];
  if (entry?.kind !== 'jobs' || entry.jobs.length !== 1 || !inPlace.has(entry.jobs[0]!.job)) return undefined;
  if (entry.tensors.length !== 1 || trace.tensors.get(entry.tensors[0]!) !== result) return undefined;
  return entry.inputs.find(
    (input): input is Region =>
      typeof input !== 'number' &&
      input.content === undefined &&
      input.leaf === undefined &&
      input.bytes === result.bytes &&
      input.last === at,
  );
}
