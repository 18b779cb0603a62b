/** When all that is open will be done: runs follow each other on the slots of their lanes, in the order of the queue. Pure. */
import type { LaneId } from '#contract/lane.ts';
import type { Estimate } from '#contract/run.ts';

export interface OpenRun {
  readonly estimate: Estimate | undefined;
  /** Empty: nobody knows yet; it counts as one of the processor's. */
  readonly lanes: readonly LaneId[];
}

const ends = ['seconds', 'low', 'high'] as const;

/** Of runs at work first, then of waiting ones in their order. Undefined where one has no estimate, or there are none. */
export function timeOf(open: readonly OpenRun[], slots: (lane: LaneId) => number): Estimate | undefined {
  const estimates = open.flatMap(({ estimate }) => estimate ?? []);
  if (open.length === 0 || estimates.length < open.length) return undefined;
  const [seconds, low, high] = ends.map((end) => lastEnd(open, (run) => run.estimate![end], slots));
  // The least certain basis speaks for all.
  const { basis } = estimates.find((estimate) => estimate.basis.startsWith('from this machine')) ?? estimates[0]!;
  return { seconds: seconds!, low: low!, high: high!, basis };
}

function lastEnd(open: readonly OpenRun[], length: (run: OpenRun) => number, slots: (lane: LaneId) => number): number {
  /** When each slot is free. */
  const free = new Map<LaneId, number[]>();
  const of = (lane: LaneId) => {
    const known = free.get(lane) ?? new Array<number>(Math.max(1, slots(lane))).fill(0);
    free.set(lane, known);
    return known;
  };
  let last = 0;
  for (const run of open) {
    const lanes = (run.lanes.length === 0 ? (['cpu'] as const) : run.lanes).map(of);
    let best = lanes[0]!;
    let at = 0;
    for (const lane of lanes)
      for (const [index, time] of lane.entries())
        if (time < best[at]!) {
          best = lane;
          at = index;
        }
    best[at]! += length(run);
    last = Math.max(last, best[at]!);
  }
  return last;
}
