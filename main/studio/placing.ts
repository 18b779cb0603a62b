/**
 * Which waiting runs start now, and on which lane. The order of the queue holds on each lane: a run that waits for memory keeps its place
 * from those behind it, while other lanes go on. Pure: the queue gathers what is asked for here.
 */
import type { LaneId, Wait } from '#contract/lane.ts';

/** A lane as it stands before anything starts. */
export interface Room {
  readonly id: LaneId;
  readonly slots: number;
  readonly running: number;
  /** Absent where nobody knows what the device has. */
  readonly budgetBytes: number | undefined;
  /** What the runs at work take at their peak. */
  readonly takenBytes: number;
}

export interface WaitingRun {
  readonly id: string;
  /** Undefined while it is not known where it may go. */
  readonly lanes: readonly LaneId[] | undefined;
  /** What it is expected to take there at its peak; asked only where there is a place. Undefined where nothing says it. */
  readonly need: (lane: LaneId) => number | undefined;
}

export interface Placing {
  readonly starts: readonly { readonly id: string; readonly lane: LaneId }[];
  /** Of runs whose turn has come and that stay all the same. */
  readonly waits: ReadonlyMap<string, Wait>;
}

interface Filling {
  readonly room: Room;
  running: number;
  taken: number;
  keptFor: string | undefined;
}

/** `waiting` in the order of the queue. A run that is alone on its lane starts whatever it needs: an estimate keeps nobody out for good. */
export function place(waiting: readonly WaitingRun[], rooms: readonly Room[]): Placing {
  const lanes = new Map<LaneId, Filling>(
    rooms.map((room) => [room.id, { room, running: room.running, taken: room.takenBytes, keptFor: undefined }]),
  );
  const starts: { id: string; lane: LaneId }[] = [];
  const waits = new Map<string, Wait>();
  for (const run of waiting) {
    if (run.lanes === undefined) continue;
    const known = run.lanes.flatMap((id) => lanes.get(id) ?? []);
    const [first] = run.lanes;
    if (first === undefined) continue;
    if (known.length === 0) {
      waits.set(run.id, { kind: 'missing', lane: first });
      continue;
    }
    if (known.every(({ room }) => room.slots === 0)) {
      waits.set(run.id, { kind: 'closed', lane: known[0]!.room.id });
      continue;
    }
    const free = known.filter(({ room, running }) => running < room.slots);
    if (free.length === 0) continue;
    // The emptier lane first; equal ones in their order.
    const open = free.filter(({ keptFor }) => keptFor === undefined).sort((a, b) => a.running - b.running);
    if (open.length === 0) {
      waits.set(run.id, { kind: 'behind', lane: free[0]!.room.id, run: free[0]!.keptFor! });
      continue;
    }
    const tried = open.map((lane) => ({ lane, need: run.need(lane.room.id) }));
    const fitting = tried.find(({ lane, need }) => fits(lane, need));
    if (fitting !== undefined) {
      fitting.lane.running += 1;
      fitting.lane.taken += fitting.need ?? 0;
      starts.push({ id: run.id, lane: fitting.lane.room.id });
      continue;
    }
    const nearest = tried.sort((a, b) => left(b.lane) - left(a.lane))[0]!;
    nearest.lane.keptFor = run.id;
    waits.set(run.id, {
      kind: 'memory',
      lane: nearest.lane.room.id,
      needBytes: nearest.need!,
      freeBytes: Math.max(0, left(nearest.lane)),
      budgetBytes: nearest.lane.room.budgetBytes!,
    });
  }
  return { starts, waits };
}

function fits(lane: Filling, need: number | undefined): boolean {
  return lane.running === 0 || need === undefined || need <= left(lane);
}

const left = ({ room, taken }: Filling) => (room.budgetBytes ?? Infinity) - taken;
